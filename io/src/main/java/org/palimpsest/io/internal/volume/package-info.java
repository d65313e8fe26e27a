/** Cases of volumes as they are read, and the steps of nnU-Net and MONAI that prepare them. */
@NullMarked
package org.palimpsest.io.internal.volume;

import org.jspecify.annotations.NullMarked;
