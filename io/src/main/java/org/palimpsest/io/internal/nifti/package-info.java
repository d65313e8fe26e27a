/** NIfTI volumes (.nii and .nii.gz). */
@NullMarked
package org.palimpsest.io.internal.nifti;

import org.jspecify.annotations.NullMarked;
