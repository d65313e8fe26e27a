/**
 * The layers of {@code torch.nn} as calls of operators, for all readers that build a network from a
 * description and a state dict.
 */
@NullMarked
package org.palimpsest.io.internal.nn;

import org.jspecify.annotations.NullMarked;
