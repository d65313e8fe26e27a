package org.palimpsest.report.plot;

import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval;

/**
 * Where a value in a picture would lie with ever more probes. Pictures mark those that hold the
 * value of unrelated layers, and an SVG shows the ends under the pointer.
 *
 * <p>It is what a picture needs of an {@linkplain Interval.Known interval of a score}: method and
 * level stand in the table and in the caption. Immutable.
 *
 * @param low the lower end, in the unit of the value
 * @param high the upper end, at least {@code low}
 * @param holdsUnrelated whether the layers may have nothing to do with each other
 */
public record ProbeInterval(double low, double high, boolean holdsUnrelated) {

  /**
   * @throws PalimpsestException if the ends are not numbers, or in the other order
   */
  public ProbeInterval {
    if (!(low <= high)) {
      throw new PalimpsestException(
          "An interval has a lower and an upper end, in this order, unlike %s and %s."
              .formatted(low, high));
    }
  }

  /**
   * The ends of a score's interval.
   *
   * @param known an interval that could be given; one that was refused has no ends to show
   */
  public static ProbeInterval of(Interval.Known known) {
    return new ProbeInterval(known.low(), known.high(), known.holdsUnrelated());
  }

  /**
   * Of a mean over several values: from the lowest to the highest end. Unrelated is held if each of
   * them holds it. Nothing if there are none.
   */
  public static Optional<ProbeInterval> spanning(List<ProbeInterval> several) {
    return several.stream()
        .reduce(
            (a, b) ->
                new ProbeInterval(
                    Math.min(a.low, b.low),
                    Math.max(a.high, b.high),
                    a.holdsUnrelated && b.holdsUnrelated));
  }

  /** {@code 0.21, interval 0.02 to 0.63}. */
  String beside(double value) {
    return HouseStyle.beside(value, low, high);
  }
}
