/** Networks of segmentation_models_pytorch, from the arguments of their constructors. */
@NullMarked
package org.palimpsest.io.internal.smp;

import org.jspecify.annotations.NullMarked;
