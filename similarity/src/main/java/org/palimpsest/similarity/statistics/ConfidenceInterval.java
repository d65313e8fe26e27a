package org.palimpsest.similarity.statistics;

import java.util.function.DoubleUnaryOperator;
import org.palimpsest.core.PalimpsestException;

/**
 * A confidence interval. An end is infinite where the data give no bound on that side: an interval
 * that reaches to both infinities says that nothing is known, which is what a refused estimate has.
 *
 * <pre>{@code
 * ConfidenceInterval logRatio = estimate.interval(0.95);
 * ConfidenceInterval ratio = logRatio.through(Math::exp);
 * }</pre>
 *
 * @param low the lower end, in the unit of the estimated value; may be −∞
 * @param high the upper end; may be ∞
 * @param level the share of such intervals that hold the true value, such as 0.95; each side misses
 *     with half of the rest
 */
public record ConfidenceInterval(double low, double high, double level) {

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
