/** Measures that compare which samples are near each other. */
@NullMarked
package org.palimpsest.similarity.neighbours;

import org.jspecify.annotations.NullMarked;
