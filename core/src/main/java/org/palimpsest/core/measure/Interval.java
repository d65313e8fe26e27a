package org.palimpsest.core.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;

/**
 * Where the value of a score would lie if there were no end to the probes, or why that cannot be
 * told.
 *
 * <p>Probes are what is drawn: the interval is of the value for ever more images of the same kind,
 * with the two networks as they are. Other seeds, other training data and other kinds of images are
 * not in it. An interval is {@link Known} or {@link Refused}; where few images would make one too
 * narrow, it is refused rather than given. Which method serves which measure, and how often its
 * intervals hold the true value, is written down in the guide to uncertainty.
 *
 * <pre>{@code
 * String words =
 *     score.interval().orElseThrow() instanceof Interval.Known known
 *         ? known.low() + " to " + known.high()
 *         : "none";
 * }</pre>
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
      Method method,
      long units,
      OptionalDouble unrelated)
      implements Interval {

    /**
     * @throws PalimpsestException if an end is not a number
     */
    public Known {
      if (!(low <= high)) {
        throw new PalimpsestException(
            "No interval can be given (%s to %s): without one of the %s units a layer is constant. Show more probes."
                .formatted(low, high, units));
      }
    }

    /** What a picture shows of it. */
    public Ends ends() {
      return new Ends(low, high, holdsUnrelated());
    }

    /** The distance of the ends, in the unit of the value. */
    public double width() {
      return high - low;
    }

    /** The level as {@code 95%}, with no more digits than it has, four at most. */
    public String levelInPercent() {
      return String.format(Locale.ROOT, "%.4g", 100 * level).replaceAll("\\.?0+$", "") + "%";
    }

    /** Whether a value lies within, ends included. */
    public boolean holds(double some) {
      return low <= some && some <= high;
    }

    /** Whether the layers may have nothing to do with each other. */
    public boolean holdsUnrelated() {
      return unrelated.isPresent() && holds(unrelated.getAsDouble());
    }
  }

  /**
   * What a picture needs of an interval: where the value would lie with ever more probes. Pictures
   * mark those that hold the value of unrelated layers, and an SVG shows the ends under the
   * pointer; method and level stand in the table and in the caption.
   *
   * @param low the lower end, in the unit of the value
   * @param high the upper end, at least {@code low}
   * @param holdsUnrelated whether the layers may have nothing to do with each other
   */
  record Ends(double low, double high, boolean holdsUnrelated) {

    /**
     * @throws PalimpsestException if the ends are not numbers, or in the other order
     */
    public Ends {
      if (!(low <= high)) {
        throw new PalimpsestException(
            "An interval has a lower and an upper end, in this order, unlike %s and %s."
                .formatted(low, high));
      }
    }

    /**
     * Of a mean over several values: from the lowest to the highest end. Unrelated is held if each
     * of them holds it. Nothing if there are none.
     */
    public static Optional<Ends> spanning(List<Ends> several) {
      return several.stream()
          .reduce(
              (a, b) ->
                  new Ends(
                      Math.min(a.low, b.low),
                      Math.max(a.high, b.high),
                      a.holdsUnrelated && b.holdsUnrelated));
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

  /**
   * How the interval of a score is made. The label stands in tables and files beside the interval,
   * so that a reader can tell what was assumed; the units that vary are images, or batches of
   * images.
   */
  enum Method {
    /**
     * Each unit is left out once; the values without it, on the artanh scale, have the jackknife's
     * variance (n − 1)/n Σ (θ₍ᵢ₎ − mean)², and Student's quantile with n − 1 degrees of freedom
     * gives the ends (Efron and Tibshirani 1993, chapter 11). The artanh keeps the ends within (−1,
     * 1).
     */
    JACKKNIFE_ARTANH("jackknife on the artanh scale"),
    /**
     * Each unit is left out once, around a centre without the bias that few units cause: the
     * jackknife's estimate of it, (n − 1)(mean of θ₍ᵢ₎ − θ), or an adjustment for ranks. With
     * positions as samples, for values that end at 1, this is done on the artanh scale, else on
     * that of the value, which may lie outside the interval.
     */
    CORRECTED_JACKKNIFE("corrected jackknife"),
    /**
     * Below, what was learnt on half of the units is worth on the other half; above, the value
     * itself and its standard error.
     */
    HELD_OUT_BRACKET("held-out bracket"),
    /** Percentiles of the values of units that are drawn with replacement. */
    BOOTSTRAP("bootstrap");

    private final String label;

    Method(String label) {
      this.label = label;
    }

    /** The method of this label, if there is one. */
    public static Optional<Method> labelled(String label) {
      return Arrays.stream(values()).filter(method -> method.label.equals(label)).findFirst();
    }

    /** For tables, such as {@code held-out bracket}. */
    public String label() {
      return label;
    }
  }

  /**
   * Gives scores their intervals: the seam between the engine, which compares layers, and the
   * statistics of the module {@code similarity}, whose {@code Intervals} is the implementation to
   * use.
   *
   * <p>The engine hands over what it compared, a table at a time. Implementations are immutable and
   * safe to use from several threads.
   */
  interface ScoreIntervals {

    /**
     * The scores with their intervals; a score that can have none gets a {@link Interval.Refused}
     * with the reason, and no exception is thrown for it.
     *
     * @param measure by which they were compared
     * @param rows the prepared layers of the first network
     * @param columns the prepared layers of the second
     * @param scores entry (i, j) is that of row i and column j
     * @return as many rows of as many scores, the values being those given
     */
    <P extends Prepared> List<List<Score>> attach(
        Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores);

    /**
     * All that decides what the intervals of given scores are, such as {@code level 0.95}. A study
     * makes its intervals anew when this text differs from that of the measurements in its journal.
     */
    String settings();
  }
}
