/**
 * How measures tell within which bounds their values lie: leaving images out, drawing and dividing
 * them.
 */
@NullMarked
package org.palimpsest.similarity.internal.intervals;

import org.jspecify.annotations.NullMarked;
