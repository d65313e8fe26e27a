/** How sure a value is: bootstrap intervals and permutation baselines. */
@NullMarked
package org.palimpsest.similarity.uncertainty;

import org.jspecify.annotations.NullMarked;
