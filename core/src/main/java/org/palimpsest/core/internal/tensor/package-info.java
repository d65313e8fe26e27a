/** Reading and writing ND4J tensors of any size and order. */
@NullMarked
package org.palimpsest.core.internal.tensor;

import org.jspecify.annotations.NullMarked;
