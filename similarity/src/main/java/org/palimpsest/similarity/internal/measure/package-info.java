/** How measures of the catalogue hide what computes them. */
@NullMarked
package org.palimpsest.similarity.internal.measure;

import org.jspecify.annotations.NullMarked;
