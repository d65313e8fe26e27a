/** JMH benchmarks of the inner kernels. */
@NullMarked
package org.palimpsest.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
