/** Volumes prepared for networks: read, turned, cropped, normalised, resampled and cut. */
@NullMarked
package org.palimpsest.io.volume;

import org.jspecify.annotations.NullMarked;
