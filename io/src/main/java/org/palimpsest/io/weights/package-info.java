/** Weights in files: names of tensors, and which network of a file is meant. */
@NullMarked
package org.palimpsest.io.weights;

import org.jspecify.annotations.NullMarked;
