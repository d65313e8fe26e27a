/** Whether intervals hold the true value: simulations. */
@NullMarked
package org.palimpsest.benchmarks.intervals;

import org.jspecify.annotations.NullMarked;
