/** Programs that PyTorch's {@code torch.export} saved. */
@NullMarked
package org.palimpsest.io.internal.pt2;

import org.jspecify.annotations.NullMarked;
