package org.palimpsest.core.measure;

import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;

/**
 * Where the value of a score would lie if there were no end to the probes, or why that cannot be
 * told.
 */
public sealed interface Interval {

  /** The value of the data as they are. */
  double value();

  /** How many independent units it rests on: images, or batches. */
  long units();

  /**
   * An interval.
   *
   * @param value the value of the data as they are
   * @param corrected the value without the bias that few units cause, on which the interval is
   *     centred, if the method has one; the value itself may lie outside the interval
   * @param low the lower end
   * @param high the upper end
   * @param level the share of such intervals that hold the true value, such as 0.95
   * @param method how it is made
   * @param units how many independent units it rests on
   * @param unrelated the value that layers have which have nothing to do with each other, if the
   *     measure has one
   */
  record Known(
      double value,
      OptionalDouble corrected,
      double low,
      double high,
      double level,
      IntervalMethod method,
      long units,
      OptionalDouble unrelated)
      implements Interval {

    /**
     * @throws PalimpsestException if an end is not a number
     */
    public Known {
      if (!(low <= high)) {
        throw new PalimpsestException(
            "No interval can be given (%s to %s): without one of the %d units a layer is constant. Show more probes."
                .formatted(low, high, units));
      }
    }

    public double width() {
      return high - low;
    }

    public boolean holds(double some) {
      return low <= some && some <= high;
    }

    /** Whether the layers may have nothing to do with each other. */
    public boolean holdsUnrelated() {
      return unrelated.isPresent() && holds(unrelated.getAsDouble());
    }
  }

  /**
   * No interval.
   *
   * @param value the value of the data as they are
   * @param units how many independent units it rests on
   * @param reason why not, and what can be done, in whole sentences
   */
  record Refused(double value, long units, String reason) implements Interval {}
}
