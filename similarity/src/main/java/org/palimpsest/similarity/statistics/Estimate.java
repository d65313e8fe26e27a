package org.palimpsest.similarity.statistics;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
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
      Variances.requireThreshold(threshold);
      return 1;
    }

    @Override
    public double pBelow(double threshold) {
      Variances.requireThreshold(threshold);
      return 1;
    }
  }

  /**
   * A confidence interval. An end is infinite where the data give no bound on that side: an
   * interval that reaches to both infinities says that nothing is known, which is what a refused
   * estimate has.
   *
   * <pre>{@code
   * ConfidenceInterval logRatio = estimate.interval(0.95);
   * ConfidenceInterval ratio = logRatio.through(Math::exp);
   * }</pre>
   *
   * @param low the lower end, in the unit of the estimated value; may be −∞
   * @param high the upper end; may be ∞
   * @param level the share of such intervals that hold the true value, such as 0.95; each side
   *     misses with half of the rest
   */
  record ConfidenceInterval(double low, double high, double level) {

    /**
     * @throws PalimpsestException if the ends are not in order or the level is not within (0, 1)
     */
    public ConfidenceInterval {
      if (!(low <= high)) {
        throw new PalimpsestException(
            "An interval from %s to %s has no inside: its lower end must not lie above the upper one."
                .formatted(low, high));
      }
      requireLevel(level);
    }

    static void requireLevel(double level) {
      if (!(level > 0 && level < 1)) {
        throw new PalimpsestException(
            "The level of an interval must lie between 0 and 1, as 0.95 does; it is %s."
                .formatted(level));
      }
    }

    static ConfidenceInterval unbounded(double level) {
      return new ConfidenceInterval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level);
    }

    /** Whether both ends are finite. */
    public boolean isBounded() {
      return Double.isFinite(low) && Double.isFinite(high);
    }

    /**
     * Whether a value lies in it, ends included; NaN lies in none.
     *
     * @param value in the unit of the ends
     */
    public boolean contains(double value) {
      return low <= value && value <= high;
    }

    /** The distance of the ends; infinite if one of them is. */
    public double width() {
      return high - low;
    }

    /**
     * The interval on another scale, such as a share from its logit.
     *
     * @param monotone rises or falls throughout; is asked for its limits at ±∞ where an end is open
     */
    public ConfidenceInterval through(DoubleUnaryOperator monotone) {
      double one = monotone.applyAsDouble(low);
      double other = monotone.applyAsDouble(high);
      return new ConfidenceInterval(Math.min(one, other), Math.max(one, other), level);
    }
  }
}
