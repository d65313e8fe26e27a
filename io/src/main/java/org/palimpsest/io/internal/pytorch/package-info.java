/**
 * Weights in PyTorch's files: state dicts and training checkpoints of every format, pickled
 * modules, and the parameters of TorchScript archives. Nothing in a file is ever run.
 */
@NullMarked
package org.palimpsest.io.internal.pytorch;

import org.jspecify.annotations.NullMarked;
