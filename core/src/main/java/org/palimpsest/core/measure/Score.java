package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;

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

  /**
   * What a reader should know beside the value of a score: on how many samples it rests, what rank
   * the layers were found to have, and why the value may mean less than it seems.
   *
   * <p>Warnings come from two places. A measure itself tells what it met while it computed, such as
   * features that never vary; {@link Computation#cautions} adds what follows from the numbers of
   * samples and features, such as that unrelated layers would have much the same value. Immutable.
   *
   * @param samples n, the number of rows that were compared; with positions as samples that is
   *     positions of all probes, which are not independent of each other
   * @param rankA the rank, or number of components, kept of the first representation; -1 if the
   *     measure has no such notion
   * @param rankB the same for the second
   * @param warnings why the value may mean less than it seems, in whole sentences
   */
  public record Diagnostics(long samples, int rankA, int rankB, List<String> warnings) {

    private static final int NO_RANK = -1;

    public Diagnostics {
      warnings = List.copyOf(warnings);
    }

    /** Without ranks and warnings. */
    public static Diagnostics of(long samples) {
      return new Diagnostics(samples, NO_RANK, NO_RANK, List.of());
    }

    /** The same with the ranks of both representations. */
    public Diagnostics withRanks(int ofA, int ofB) {
      return new Diagnostics(samples, ofA, ofB, warnings);
    }

    /** The same with one more warning. */
    public Diagnostics withWarning(String warning) {
      List<String> more = new ArrayList<>(warnings);
      more.add(warning);
      return new Diagnostics(samples, rankA, rankB, more);
    }

    /** Whether the measure has a notion of rank. */
    public boolean hasRanks() {
      return rankA != NO_RANK;
    }
  }
}
