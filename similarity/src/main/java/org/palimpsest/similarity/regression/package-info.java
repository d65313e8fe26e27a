/** How well one layer predicts another, or what can be predicted from either. */
@NullMarked
package org.palimpsest.similarity.regression;

import org.jspecify.annotations.NullMarked;
