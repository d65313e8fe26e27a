/** Canonical correlations and what is made of them. */
@NullMarked
package org.palimpsest.similarity.cca;

import org.jspecify.annotations.NullMarked;
