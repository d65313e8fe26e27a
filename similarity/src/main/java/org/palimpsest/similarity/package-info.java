/** The catalogue of similarity measures. */
@NullMarked
package org.palimpsest.similarity;

import org.jspecify.annotations.NullMarked;
