package org.palimpsest.similarity.statistics;

import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.PalimpsestException;

/**
 * A value of networks and how far it may lie from what ever more networks would give.
 *
 * <p>An interval and the two p values agree: the lower end of {@code interval(1 - 2 * p)} lies at
 * or above a threshold exactly if {@code pAbove(threshold) <= p}.
 *
 * <pre>{@code
 * Estimate gain = WelchContrast.ofDifference(transferred, random).estimate(); // Dice, one per network
 * Verdict verdict = Judgement.above(gain, 0).verdict();
 * String why = gain instanceof Estimate.Refused refused ? refused.reason() : "";
 * }</pre>
 */
public sealed interface Estimate
    permits Estimate.Student, Estimate.Refused, RankSumShift, FrozenShare.Ratio {

  /** The level of intervals that are not asked for another one. */
  double LEVEL = 0.95;

  /** The value of the networks at hand; none where they leave it open. */
  OptionalDouble point();

  /** The number of independent units of the smallest group: networks, or sources of networks. */
  int units();

  /**
   * The interval; unbounded on both sides if the estimate is refused.
   *
   * @param level the share of studies whose interval holds the true value
   */
  ConfidenceInterval interval(double level);

  /** The 95 % interval. */
  default ConfidenceInterval interval() {
    return interval(LEVEL);
  }

  /**
   * The one-sided p value of the hypothesis that the true value is at most the threshold.
   *
   * @throws PalimpsestException if the threshold is NaN
   */
  double pAbove(double threshold);

  /**
   * The one-sided p value of the hypothesis that the true value is at least the threshold.
   *
   * @throws PalimpsestException if the threshold is NaN
   */
  double pBelow(double threshold);

  /** Whether there is an interval. */
  default boolean isKnown() {
    return !(this instanceof Refused);
  }

  /**
   * A value whose error over its standard error follows Student's distribution: value ± t(level,
   * degrees of freedom) · standard error.
   *
   * @param value the estimated value
   * @param standardError of the value, above 0
   * @param degreesOfFreedom of Student's t; a fraction where Satterthwaite's formula gives one
   * @param units of the smallest group
   */
  record Student(double value, double standardError, double degreesOfFreedom, int units)
      implements Estimate {

    /**
     * @throws PalimpsestException if a number is not finite or not above 0 where it must be; an
     *     interval without width would claim certainty
     */
    public Student {
      if (!Double.isFinite(value)
          || !(standardError > 0 && Double.isFinite(standardError))
          || !(degreesOfFreedom > 0)) {
        throw new PalimpsestException(
            "An estimate takes a finite value, a standard error and degrees of freedom above 0; given were %s, %s and %s."
                .formatted(value, standardError, degreesOfFreedom));
      }
    }

    @Override
    public OptionalDouble point() {
      return OptionalDouble.of(value);
    }

    @Override
    public ConfidenceInterval interval(double level) {
      ConfidenceInterval.requireLevel(level);
      double half = student().inverseSurvivalProbability((1 - level) / 2) * standardError;
      return new ConfidenceInterval(value - half, value + half, level);
    }

    @Override
    public double pAbove(double threshold) {
      double excess = value - Variances.requireThreshold(threshold);
      return student().survivalProbability(excess / standardError);
    }

    @Override
    public double pBelow(double threshold) {
      double excess = value - Variances.requireThreshold(threshold);
      return student().cumulativeProbability(excess / standardError);
    }

    private TDistribution student() {
      return TDistribution.of(degreesOfFreedom);
    }
  }

  /**
   * No interval can be given.
   *
   * @param point the value of the networks at hand, if there is one
   * @param units of the smallest group
   * @param reason why not, and what would have to be added, in whole sentences
   */
  record Refused(OptionalDouble point, int units, String reason) implements Estimate {

    static Refused of(double point, int units, String reason) {
      return new Refused(
          Double.isFinite(point) ? OptionalDouble.of(point) : OptionalDouble.empty(),
          units,
          reason);
    }

    @Override
    public ConfidenceInterval interval(double level) {
      return ConfidenceInterval.unbounded(level);
    }

    @Override
    public double pAbove(double threshold) {
      return 1;
    }

    @Override
    public double pBelow(double threshold) {
      return 1;
    }
  }
}
