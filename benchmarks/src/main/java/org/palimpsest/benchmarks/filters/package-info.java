/** How often fresh filters are told to be nearer than chance. */
@NullMarked
package org.palimpsest.benchmarks.filters;

import org.jspecify.annotations.NullMarked;
