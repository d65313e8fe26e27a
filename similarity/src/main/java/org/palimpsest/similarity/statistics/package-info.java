/**
 * Statistics of networks: contrasts, intervals and verdicts in which a network (or the source that
 * several of them started from) is the unit.
 *
 * <p>All that says how far a value can be trusted is an {@link
 * org.palimpsest.similarity.statistics.Estimate}; what follows from it for a claim is a {@link
 * org.palimpsest.similarity.statistics.Judgement}. Numbers that are not finite are an error; data
 * that are sound, but too few or all equal, give an estimate that is refused, with the reason.
 */
@NullMarked
package org.palimpsest.similarity.statistics;

import org.jspecify.annotations.NullMarked;
