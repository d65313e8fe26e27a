/** Networks that nnU-Net trained, from its checkpoints and results folders. */
@NullMarked
package org.palimpsest.io.internal.nnunet;

import org.jspecify.annotations.NullMarked;
