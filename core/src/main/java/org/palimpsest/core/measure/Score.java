package org.palimpsest.core.measure;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties.Direction;

/**
 * The result of one comparison: a value that knows how it is to be read.
 *
 * <p>A score keeps the direction and range of its measure on its way to tables, pictures and files,
 * so that these need not know measures. Immutable; each {@code with…} gives a changed copy.
 *
 * <pre>{@code
 * Score score = Cka.linear().compare(before, after);
 * System.out.println(score.value() + " of at most " + score.range().high());
 * score.diagnostics().warnings().forEach(System.out::println);
 * }</pre>
 *
 * @param value the value; finite, and within the range but for rounding, or for the scatter of an
 *     unbiased estimate
 * @param direction whether more means more alike
 * @param range the values that the measure can take
 * @param diagnostics what a reader should know beside the value
 * @param interval how sure the value is, if that was asked for; where no interval could be given,
 *     the reason
 */
public record Score(
    double value,
    Direction direction,
    Range range,
    Diagnostics diagnostics,
    Optional<Interval> interval) {

  /**
   * @throws PalimpsestException if the value is NaN or infinite
   */
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
