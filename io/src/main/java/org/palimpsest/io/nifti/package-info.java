/** NIfTI volumes (.nii and .nii.gz). */
@NullMarked
package org.palimpsest.io.nifti;

import org.jspecify.annotations.NullMarked;
