/** The filters of a network as matrices, and how far they moved between checkpoints. */
@NullMarked
package org.palimpsest.similarity.weights;

import org.jspecify.annotations.NullMarked;
