/** Measures of what two segmentation networks answer, taken from their last layers. */
@NullMarked
package org.palimpsest.similarity.output;

import org.jspecify.annotations.NullMarked;
