/**
 * NumPy's arrays (NPY) and archives of arrays (NPZ), read and written without Python.
 *
 * <p>The formats are those of NumPy's {@code numpy.lib.format}, versions 1.0, 2.0 and 3.0.
 */
@NullMarked
package org.palimpsest.io.npy;

import org.jspecify.annotations.NullMarked;
