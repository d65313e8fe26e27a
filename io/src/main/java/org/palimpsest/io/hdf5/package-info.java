/** What numbers of HDF5 files mean, beyond what jHDF tells. */
@NullMarked
package org.palimpsest.io.hdf5;

import org.jspecify.annotations.NullMarked;
