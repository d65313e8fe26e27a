package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.measure.Prepared;

/**
 * A measure of which it is known how an interval is made that holds the true value.
 *
 * @param <P> what its preparation makes
 */
@FunctionalInterface
public interface HasInterval<P extends Prepared> {

  IntervalEstimator<P, ?> intervalEstimator();
}
