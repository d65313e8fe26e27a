/** Folders of simulated training runs of known truth, assessed from end to end. */
@NullMarked
package org.palimpsest.benchmarks.assess;

import org.jspecify.annotations.NullMarked;
