package org.palimpsest.core.measure;

import org.palimpsest.core.PalimpsestException;

/**
 * The result of one comparison.
 *
 * @param value the value, never NaN
 * @param direction whether more means more alike
 * @param range the values that the measure can take
 * @param diagnostics what a reader should know beside the value
 */
public record Score(double value, Direction direction, Range range, Diagnostics diagnostics) {

  public Score {
    if (!Double.isFinite(value)) {
      throw new PalimpsestException(
          "A measure of range %s came to %s, which is not a number to report."
              .formatted(range, value));
    }
  }

  public static Score of(double value, MeasureProperties properties, Diagnostics diagnostics) {
    return new Score(value, properties.direction(), properties.range(), diagnostics);
  }

  /** The same with one more reason why it may mean less than it seems. */
  public Score withWarning(String warning) {
    return new Score(value, direction, range, diagnostics.withWarning(warning));
  }
}
