/** What numbers of HDF5 files mean, beyond what jHDF tells. */
@NullMarked
package org.palimpsest.io.internal.hdf5;

import org.jspecify.annotations.NullMarked;
