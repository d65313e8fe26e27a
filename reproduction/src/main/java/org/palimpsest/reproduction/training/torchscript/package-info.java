/** Writes networks as TorchScript archives, without PyTorch. */
@NullMarked
package org.palimpsest.reproduction.training.torchscript;

import org.jspecify.annotations.NullMarked;
