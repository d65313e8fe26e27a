/**
 * Workloads that run here, in NumPy and in public tools, on the same inputs: seconds, peak memory
 * and whether the values agree.
 */
@NullMarked
package org.palimpsest.benchmarks;

import org.jspecify.annotations.NullMarked;
