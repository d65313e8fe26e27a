package org.palimpsest.similarity.statistics;

import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.PalimpsestException;

/** See {@link Estimate.Student#networksToPass}. */
final class SampleSize {

  private static final double POWER = 0.8;
  private static final double UPPER = 0.8;

  private final double power;

  private SampleSize(double power) {
    this.power = power;
  }

  /** For a power of 80 % at the level 0.05. */
  static SampleSize withDefaults() {
    return new SampleSize(POWER);
  }

  /** For another power, between 0 and 1. */
  SampleSize withPower(double wanted) {
    if (!(wanted > 0 && wanted < 1)) {
      throw new PalimpsestException("A power lies between 0 and 1; it is %s.".formatted(wanted));
    }
    return new SampleSize(wanted);
  }

  /**
   * How many networks in each arm tell a true value from a threshold.
   *
   * @param pilot the estimate at hand
   * @param effect the distance of the true value from the threshold, above 0
   * @return none if it takes more than {@value Estimate.Student#MOST_NETWORKS}
   */
  OptionalInt toPass(Estimate.Student pilot, double effect) {
    return least(pilot, effect, power);
  }

  /**
   * How many networks in each arm tell that a true value in the middle lies within margins; each of
   * two tests must then succeed.
   *
   * @param pilot the estimate at hand
   * @param halfMargin the distance from the middle to a margin, above 0
   * @return none if it takes more than {@value Estimate.Student#MOST_NETWORKS}
   */
  OptionalInt toBeWithin(Estimate.Student pilot, double halfMargin) {
    return least(pilot, halfMargin, (1 + power) / 2);
  }

  private static OptionalInt least(Estimate.Student pilot, double effect, double power) {
    if (!(effect > 0 && Double.isFinite(effect))) {
      throw new PalimpsestException(
          "An effect that would matter is above 0; it is %s.".formatted(effect));
    }
    double freedom = pilot.degreesOfFreedom();
    double variance =
        pilot.standardError()
            * pilot.standardError()
            * freedom
            / ChiSquaredDistribution.of(freedom).inverseCumulativeProbability(1 - UPPER);
    for (int n = WelchContrast.FEWEST; n <= Estimate.Student.MOST_NETWORKS; n++) {
      TDistribution t =
          TDistribution.of(Math.max(1, freedom * (n - 1) / Math.max(1, pilot.units() - 1)));
      double both = t.inverseCumulativeProbability(0.975) + t.inverseCumulativeProbability(power);
      if (variance * pilot.units() / n * both * both <= effect * effect) {
        return OptionalInt.of(n);
      }
    }
    return OptionalInt.empty();
  }
}
