/** Weights as layers use them. */
@NullMarked
package org.palimpsest.core.internal.weights;

import org.jspecify.annotations.NullMarked;
