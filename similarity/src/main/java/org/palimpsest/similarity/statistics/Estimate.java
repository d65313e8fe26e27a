package org.palimpsest.similarity.statistics;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;

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
    permits Estimate.Student, Estimate.Refused, RankSumShift, WelchContrast.FrozenShare.Ratio {

  /** The level of intervals that are not asked for another one. */
  double LEVEL = 0.95;

  /**
   * By how much one group lies above another where some values are known by bounds alone, from the
   * exact rank-sum test turned round (Lehmann 1975, Nonparametrics, section 2.4; the estimate is
   * that of Hodges and Lehmann 1963, doi:10.1214/aoms/1177704172).
   *
   * <p>Each of the n·m differences of two networks is known to lie in [low, high]. With c the
   * number of u for which P(U ≤ u) ≤ (1 − level)/2 under Mann and Whitney's distribution, the
   * interval reaches from the c-th smallest low to the c-th largest high; where bounds are open so
   * may be the ends. It assumes that one distribution is the other one shifted, and is then wide
   * enough whatever the shape and wherever in their bounds the values lie. Censored networks are
   * neither left out nor given an invented value.
   *
   * <p>O(n²m²) once, by the recursion of Mann and Whitney (1947, doi:10.1214/aoms/1177730491).
   *
   * @param values one per network
   * @param others one per network of the other group
   * @return the shift of the first group beside the second, positive if its values are larger; its
   *     point is the median of all differences, none if bounds leave it open; refused with fewer
   *     than four networks in a group
   */
  static Estimate ofShift(List<CensoredValue> values, List<CensoredValue> others) {
    return RankSumShift.of(values, others);
  }

  /**
   * The logit of a share over networks, each of which counts hits among units of its own, such as
   * filters that are nearest to themselves: p̃ = (x + ½)/(Nm + 1) for x hits among m units of each
   * of N networks; a network's share has variance s² = max(sample variance, p̃(1 − p̃)/m); the
   * interval is that of the logit, logit p̃ ± t(N − 1) √(s²/N) / [p̃(1 − p̃)].
   *
   * <p>The binomial floor keeps an interval from vanishing where all networks tie, and the logit
   * from leaving 0 to 1. Units of a network are not independent: the network is what is drawn. If
   * networks have different numbers of units, m in the floor is their harmonic mean.
   *
   * <pre>{@code
   * Estimate logit = Estimate.ofLogitShare(new int[] {60, 62, 64}, new int[] {64, 64, 64}); // filters of 3 networks
   * ConfidenceInterval share = logit.interval(0.95).through(Estimate::fromLogit);
   * }</pre>
   *
   * @param hits of each network
   * @param units of each network, as many numbers
   * @throws PalimpsestException if there are more hits than units, or no units
   */
  static Estimate ofLogitShare(int[] hits, int[] units) {
    requireCounts(hits, units);
    int n = hits.length;
    double[] shares = new double[n];
    double sumOfHits = 0.5;
    double sumOfUnits = 1;
    double sumOfInverses = 0;
    for (int i = 0; i < n; i++) {
      shares[i] = (double) hits[i] / units[i];
      sumOfHits += hits[i];
      sumOfUnits += units[i];
      sumOfInverses += 1.0 / units[i];
    }
    double share = sumOfHits / sumOfUnits;
    if (n < WelchContrast.FEWEST) {
      return WelchContrast.tooFew(n == 0 ? Double.NaN : logit(share), n);
    }
    double floor = share * (1 - share) * sumOfInverses / n;
    double variance = Math.max(Variances.sample(shares), floor);
    return new Student(logit(share), Math.sqrt(variance / n) / (share * (1 - share)), n - 1.0, n);
  }

  private static void requireCounts(int[] hits, int[] units) {
    if (hits.length != units.length) {
      throw new PalimpsestException(
          "Hits and units are of the same networks; given were %s and %s numbers."
              .formatted(hits.length, units.length));
    }
    for (int i = 0; i < hits.length; i++) {
      if (units[i] < 1 || hits[i] < 0 || hits[i] > units[i]) {
        throw new PalimpsestException(
            "A network hits some of at least one unit; network %s has %s of %s."
                .formatted(i, hits[i], units[i]));
      }
    }
  }

  /** log(p/(1 − p)) of a share p: −∞ of 0, ∞ of 1. */
  static double logit(double share) {
    return Math.log(share / (1 - share));
  }

  /** 1/(1 + e⁻ˣ), the share of which x is the {@link #logit}. */
  static double fromLogit(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

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

    /** More networks than this are not asked for. */
    public static final int MOST_NETWORKS = 1000;

    /** The bound of the pilot's variance that is planned with. */
    private static final double UPPER = 0.8;

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

    /**
     * How many networks in each arm would probably tell a true value from a threshold, with this
     * estimate as the pilot that did not.
     *
     * <p>The pilot's variance is taken at its 80 % upper bound, V·ν/χ²(0.2; ν): a spread of three
     * networks is often far too small, and planning with it reaches a power of 0.71 where 0.80 was
     * asked, a tenth of plans below 0.39; with the bound it is 0.90 on average. With n networks
     * instead of the pilot's n₀ variance and degrees of freedom are V·n₀/n and ν(n − 1)/(n₀ − 1),
     * and n is the least for which V (t(0.975) + t(power))² ≤ effect².
     *
     * <p>The effect is one that would matter, fixed beforehand; the pilot's own makes the answer as
     * uncertain as itself.
     *
     * @param effect the distance of the true value from the threshold, above 0
     * @param power the probability that it is told, between 0 and 1, such as 0.8
     * @return none if it takes more than {@value #MOST_NETWORKS}
     * @throws PalimpsestException if a number is out of its range
     */
    public OptionalInt networksToPass(double effect, double power) {
      return least(effect, requirePower(power));
    }

    /**
     * How many networks in each arm would probably tell that a true value in the middle lies within
     * margins, by the rule of {@link #networksToPass}; each of two tests must then succeed.
     *
     * @param halfMargin the distance from the middle to a margin, above 0
     * @param power the probability that it is told, between 0 and 1, such as 0.8
     * @return none if it takes more than {@value #MOST_NETWORKS}
     * @throws PalimpsestException if a number is out of its range
     */
    public OptionalInt networksToBeWithin(double halfMargin, double power) {
      return least(halfMargin, (1 + requirePower(power)) / 2);
    }

    private OptionalInt least(double effect, double power) {
      if (!(effect > 0 && Double.isFinite(effect))) {
        throw new PalimpsestException(
            "An effect that would matter is above 0; it is %s.".formatted(effect));
      }
      double freedom = degreesOfFreedom;
      double variance =
          standardError
              * standardError
              * freedom
              / ChiSquaredDistribution.of(freedom).inverseCumulativeProbability(1 - UPPER);
      for (int n = WelchContrast.FEWEST; n <= MOST_NETWORKS; n++) {
        TDistribution t = TDistribution.of(Math.max(1, freedom * (n - 1) / Math.max(1, units - 1)));
        double both = t.inverseCumulativeProbability(0.975) + t.inverseCumulativeProbability(power);
        if (variance * units / n * both * both <= effect * effect) {
          return OptionalInt.of(n);
        }
      }
      return OptionalInt.empty();
    }

    private static double requirePower(double power) {
      if (!(power > 0 && power < 1)) {
        throw new PalimpsestException("A power lies between 0 and 1; it is %s.".formatted(power));
      }
      return power;
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

    /**
     * Refused, with a value that need not be known.
     *
     * @param point the value of the networks at hand; none if it is not finite
     */
    public static Refused of(double point, int units, String reason) {
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

  /**
   * A value of which only bounds may be known, such as the step at which a network reaches a goal:
   * exactly known between two checkpoints, at most the first of them, or beyond the last. {@link
   * Estimate#ofShift} compares groups of such values without inventing what is not known.
   *
   * <pre>{@code
   * CensoredValue reached = new CensoredValue(100, 200); // below the goal at step 100, above it at 200
   * CensoredValue never = CensoredValue.atLeast(400); // not yet at the last checkpoint
   * CensoredValue sooner = CensoredValue.atMost(0); // already at the first
   * }</pre>
   *
   * <p>The unit is the caller's, and the same for all values that are compared.
   *
   * @param low it is at least this; −∞ if there is no such bound
   * @param high it is at most this; ∞ if there is no such bound
   */
  record CensoredValue(double low, double high) {

    /**
     * @throws PalimpsestException if the bounds are not in order, or both are the same infinity
     */
    public CensoredValue {
      if (!(low <= high) || low == Double.POSITIVE_INFINITY || high == Double.NEGATIVE_INFINITY) {
        throw new PalimpsestException(
            "A value between bounds takes a lower and an upper one; given were %s and %s."
                .formatted(low, high));
      }
    }

    /**
     * A value that is known.
     *
     * @param value finite
     * @throws PalimpsestException if it is infinite or not a number
     */
    public static CensoredValue exactly(double value) {
      return new CensoredValue(value, value);
    }

    /**
     * Left-censored: somewhere at or below a bound.
     *
     * @param high the bound, greater than −∞
     */
    public static CensoredValue atMost(double high) {
      return new CensoredValue(Double.NEGATIVE_INFINITY, high);
    }

    /**
     * Right-censored: somewhere at or above a bound.
     *
     * @param low the bound, less than ∞
     */
    public static CensoredValue atLeast(double low) {
      return new CensoredValue(low, Double.POSITIVE_INFINITY);
    }

    /** Whether the value is known. */
    public boolean isExact() {
      return low == high;
    }

    CensoredValue minus(CensoredValue other) {
      return new CensoredValue(low - other.high, high - other.low);
    }
  }
}
