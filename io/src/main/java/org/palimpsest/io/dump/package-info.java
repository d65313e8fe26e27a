/** Activations that another tool wrote to files: NPY, NPZ, safetensors, HDF5, folders of NPY. */
@NullMarked
package org.palimpsest.io.dump;

import org.jspecify.annotations.NullMarked;
