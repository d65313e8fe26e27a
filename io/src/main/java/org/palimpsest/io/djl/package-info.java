/** Networks of DJL: live blocks and models, and TorchScript files through its PyTorch engine. */
@NullMarked
package org.palimpsest.io.djl;

import org.jspecify.annotations.NullMarked;
