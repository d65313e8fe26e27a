package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Prepared;

/**
 * Makes the intervals of one measure: of each layer once what its pairs have in common, and then
 * the interval of each pair, which depends on these two layers alone.
 *
 * @param <P> what the measure's preparation makes
 * @param <L> what is made of one layer
 */
public interface IntervalEstimator<P extends Prepared, L> {

  /** What all pairs of this layer have in common. */
  L side(P prepared);

  /**
   * The interval of one pair.
   *
   * @param value the score of the pair
   */
  Interval interval(L a, L b, double value, IntervalRequest request);

  /**
   * About how many seconds of one core the interval of this pair takes, if that may be much more
   * than the score did; else 0.
   */
  default double seconds(L a, L b, IntervalRequest request) {
    return 0;
  }

  /** Too few images, whatever the layers. */
  static Interval tooFewImages(double value, long units, long fewest) {
    return TooFew.units(value, units, fewest);
  }

  /** Gives no interval, for this reason. */
  static <P extends Prepared> IntervalEstimator<P, P> refusing(String reason) {
    return new IntervalEstimator<>() {
      @Override
      public P side(P prepared) {
        return prepared;
      }

      @Override
      public Interval interval(P a, P b, double value, IntervalRequest request) {
        return new Interval.Refused(value, a.info().probeCount(), reason);
      }
    };
  }
}
