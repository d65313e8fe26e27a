/** Writes networks as TorchScript archives, without PyTorch. */
@NullMarked
package org.palimpsest.examples.training.torchscript;

import org.jspecify.annotations.NullMarked;
