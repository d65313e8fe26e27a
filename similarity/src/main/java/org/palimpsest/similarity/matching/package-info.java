/** Measures that match features one by one, and the assignment problem behind them. */
@NullMarked
package org.palimpsest.similarity.matching;

import org.jspecify.annotations.NullMarked;
