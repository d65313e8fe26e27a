package org.palimpsest.similarity.statistics;

import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.PalimpsestException;

/**
 * How many networks in each arm would probably decide, from a pilot that did not.
 *
 * <p>The pilot's variance is taken at its 80 % upper bound, V·ν/χ²(0.2; ν): a spread of three
 * networks is often far too small, and planning with it reaches a power of 0.71 where 0.80 was
 * asked, a tenth of plans below 0.39; with the bound it is 0.90 on average. With n networks instead
 * of the pilot's n₀ variance and degrees of freedom are V·n₀/n and ν(n − 1)/(n₀ − 1), and n is the
 * least for which V (t(0.975) + t(power))² ≤ effect².
 *
 * <p>The effect is one that would matter, fixed beforehand, as a distance from the threshold; the
 * pilot's own makes the answer as uncertain as itself.
 */
public final class SampleSize {

  private static final double POWER = 0.8;
  private static final double UPPER = 0.8;

  /** More networks than this are not asked for. */
  public static final int MOST = 1000;

  private final double power;

  private SampleSize(double power) {
    this.power = power;
  }

  /** For a power of 80 % at the level 0.05. */
  public static SampleSize withDefaults() {
    return new SampleSize(POWER);
  }

  /** For another power, between 0 and 1. */
  public SampleSize withPower(double wanted) {
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
   * @return none if it takes more than {@value #MOST}
   */
  public OptionalInt toPass(Estimate.Student pilot, double effect) {
    return least(pilot, effect, power);
  }

  /**
   * How many networks in each arm tell that a true value in the middle lies within margins; each of
   * two tests must then succeed.
   *
   * @param pilot the estimate at hand
   * @param halfMargin the distance from the middle to a margin, above 0
   * @return none if it takes more than {@value #MOST}
   */
  public OptionalInt toBeWithin(Estimate.Student pilot, double halfMargin) {
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
    for (int n = WelchContrast.FEWEST; n <= MOST; n++) {
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
