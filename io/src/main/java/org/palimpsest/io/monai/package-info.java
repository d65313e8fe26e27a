/** Networks of MONAI, from the arguments of their constructors. */
@NullMarked
package org.palimpsest.io.monai;

import org.jspecify.annotations.NullMarked;
