package org.palimpsest.core.measure;

import java.util.Locale;
import org.palimpsest.core.PalimpsestException;

/**
 * The values that a measure can take, ends included; an infinite end is never reached.
 *
 * <p>It is what the definition of a measure allows, not what layers of a given size can reach: a
 * value near an end may be out of reach for any two of them. Measures that estimate without bias,
 * such as debiased linear CKA, have values outside it by chance and are not cut; {@link #contains}
 * then tells.
 *
 * @param low the least value, or −∞
 * @param high the greatest value, or ∞; at least {@code low}
 */
public record Range(double low, double high) {

  /** Integers above it are shortened. */
  private static final double LONGEST = 1e15;

  /** From 0 to 1: most similarities. */
  public static final Range UNIT = new Range(0, 1);

  /** From 0 up: most distances. */
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

  /**
   * Whether the value lies in the range.
   *
   * @param value the value; NaN lies in no range
   * @param tolerance by how much it may lie outside, for rounding; at least 0
   */
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
    return end == Math.rint(end) && Math.abs(end) < LONGEST
        ? String.valueOf((long) end)
        : String.format(Locale.ROOT, "%.4g", end);
  }
}
