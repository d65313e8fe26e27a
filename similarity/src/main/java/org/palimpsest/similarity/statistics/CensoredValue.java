package org.palimpsest.similarity.statistics;

import org.palimpsest.core.PalimpsestException;

/**
 * A value of which only bounds may be known, such as the step at which a network reaches a goal:
 * exactly known between two checkpoints, at most the first of them, or beyond the last. {@link
 * RankSumShift} compares groups of such values without inventing what is not known.
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
public record CensoredValue(double low, double high) {

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
