/** How sure a value is: intervals and permutation baselines. */
@NullMarked
package org.palimpsest.similarity.uncertainty;

import org.jspecify.annotations.NullMarked;
