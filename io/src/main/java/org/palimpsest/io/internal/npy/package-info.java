/** Writing of NPY arrays. */
@NullMarked
package org.palimpsest.io.internal.npy;

import org.jspecify.annotations.NullMarked;
