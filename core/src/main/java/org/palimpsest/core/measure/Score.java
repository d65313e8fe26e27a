package org.palimpsest.core.measure;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;

/**
 * The result of one comparison.
 *
 * @param value the value, never NaN
 * @param direction whether more means more alike
 * @param range the values that the measure can take
 * @param diagnostics what a reader should know beside the value
 * @param interval how sure the value is, if that was asked for
 */
public record Score(
    double value,
    Direction direction,
    Range range,
    Diagnostics diagnostics,
    Optional<Interval> interval) {

  public Score {
    if (!Double.isFinite(value)) {
      throw new PalimpsestException(
          "A measure of range %s came to %s, which is not a number to report."
              .formatted(range, value));
    }
  }

  /** A score without an interval. */
  public Score(double value, Direction direction, Range range, Diagnostics diagnostics) {
    this(value, direction, range, diagnostics, Optional.empty());
  }

  /** A score of a measure of these properties, without an interval. */
  public static Score of(double value, MeasureProperties properties, Diagnostics diagnostics) {
    return new Score(value, properties.direction(), properties.range(), diagnostics);
  }

  /** The same with one more reason why it may mean less than it seems. */
  public Score withWarning(String warning) {
    return new Score(value, direction, range, diagnostics.withWarning(warning), interval);
  }

  /** The same with its interval. */
  public Score withInterval(Interval other) {
    return new Score(value, direction, range, diagnostics, Optional.of(other));
  }
}
