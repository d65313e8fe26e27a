/** Comparisons of weights and filters on the axes of an evolution study. */
@NullMarked
package org.palimpsest.similarity.evolution;

import org.jspecify.annotations.NullMarked;
