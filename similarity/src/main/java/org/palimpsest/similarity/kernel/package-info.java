/** Measures that compare kernel or distance matrices of the samples after double centring. */
@NullMarked
package org.palimpsest.similarity.kernel;

import org.jspecify.annotations.NullMarked;
