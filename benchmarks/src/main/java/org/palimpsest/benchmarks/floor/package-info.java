/** What a command cannot do without: Java, its native libraries, and the networks by themselves. */
@NullMarked
package org.palimpsest.benchmarks.floor;

import org.jspecify.annotations.NullMarked;
