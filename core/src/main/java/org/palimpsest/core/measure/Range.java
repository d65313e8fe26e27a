package org.palimpsest.core.measure;

import org.palimpsest.core.PalimpsestException;

/**
 * The values that a measure can take, ends included; an infinite end is never reached.
 *
 * @param low the least value
 * @param high the greatest value
 */
public record Range(double low, double high) {

  /** From 0 to 1. */
  public static final Range UNIT = new Range(0, 1);

  /** From 0 up. */
  public static final Range NON_NEGATIVE = new Range(0, Double.POSITIVE_INFINITY);

  /**
   * @throws PalimpsestException if an end is no number, or the ends are out of order
   */
  public Range {
    if (!(low <= high)) {
      throw new PalimpsestException(
          "A range has a least and a greatest value, in this order; given were %s and %s."
              .formatted(low, high));
    }
  }

  /** Whether the value lies in the range, a rounding error of {@code tolerance} allowed. */
  public boolean contains(double value, double tolerance) {
    return value >= low - tolerance && value <= high + tolerance;
  }

  @Override
  public String toString() {
    return (Double.isInfinite(low) ? "(-inf" : "[" + plain(low))
        + ", "
        + (Double.isInfinite(high) ? "inf)" : plain(high) + "]");
  }

  private static String plain(double end) {
    return end == Math.rint(end) ? String.valueOf((long) end) : "%.4g".formatted(end);
  }
}
