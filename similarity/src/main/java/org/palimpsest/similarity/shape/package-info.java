/** Distances after the best rotation: Procrustes, shape metrics, aligned cosine. */
@NullMarked
package org.palimpsest.similarity.shape;

import org.jspecify.annotations.NullMarked;
