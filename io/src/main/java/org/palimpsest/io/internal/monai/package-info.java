/** MonaiNetworks of MONAI, from the arguments of their constructors. */
@NullMarked
package org.palimpsest.io.internal.monai;

import org.jspecify.annotations.NullMarked;
