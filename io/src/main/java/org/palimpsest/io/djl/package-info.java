/** Networks of DJL: live blocks and models, and TorchScript files. Its types appear here alone. */
@NullMarked
package org.palimpsest.io.djl;

import org.jspecify.annotations.NullMarked;
