/** Measures of one number of each layer: its size, its spread, its direction. */
@NullMarked
package org.palimpsest.similarity.geometry;

import org.jspecify.annotations.NullMarked;
