/**
 * TorchScript archives: what they hold, and a copy whose code records what its submodules answer.
 */
@NullMarked
package org.palimpsest.io.internal.torchscript;

import org.jspecify.annotations.NullMarked;
