/** Measures of the predictions of two segmentation networks, from their last layers. */
@NullMarked
package org.palimpsest.similarity.output;

import org.jspecify.annotations.NullMarked;
