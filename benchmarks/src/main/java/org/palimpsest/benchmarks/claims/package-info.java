/** How often the statistics of claims are right, in simulated studies of known truth. */
@NullMarked
package org.palimpsest.benchmarks.claims;

import org.jspecify.annotations.NullMarked;
