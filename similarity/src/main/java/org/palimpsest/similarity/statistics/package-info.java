/** Measures that compare one number of each layer with the same number of another. */
@NullMarked
package org.palimpsest.similarity.statistics;

import org.jspecify.annotations.NullMarked;
