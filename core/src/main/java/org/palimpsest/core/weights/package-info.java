/** The parameters and buffers of a network, as its file holds them. */
@NullMarked
package org.palimpsest.core.weights;

import org.jspecify.annotations.NullMarked;
