package org.palimpsest.core.comparison;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.comparison.ComparisonResult.MissingScore;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Interval;

/**
 * What scores say beside their values, each kind once: warnings that differ in nothing but numbers
 * and layers are one kind. A line names the measure, the first pair of layers, the warning, and how
 * many more pairs it concerns, so that a table of a thousand scores has a handful of warnings.
 */
final class ScoreWarnings {

  private record Kind(String measure, String pattern) {}

  private record Seen(String layerA, String layerB, String measure, String warning, int pairs) {

    static Seen first(PairScore row, String warning) {
      return new Seen(row.layerA(), row.layerB(), row.measure(), warning, 1);
    }

    Seen again() {
      return new Seen(layerA, layerB, measure, warning, pairs + 1);
    }

    /** A second warning of the same pair is of its other layer, and is told too. */
    Seen alsoOfThePair(String other) {
      return new Seen(layerA, layerB, measure, warning + " " + other, pairs);
    }

    String describe() {
      return "%s of %s and %s: %s%s".formatted(measure, layerA, layerB, warning, others());
    }

    private String others() {
      return switch (pairs) {
        case 1 -> "";
        case 2 -> " (and 1 more pair)";
        default -> " (and " + (pairs - 1) + " more pairs)";
      };
    }
  }

  private ScoreWarnings() {}

  /** How intervals are made, and of which scores there is none and why, each kind as one line. */
  static List<String> ofIntervals(Iterable<PairScore> rows) {
    Map<Kind, Seen> seen = new LinkedHashMap<>();
    for (PairScore row : rows) {
      Optional<Interval> interval = row.score().interval();
      if (interval.isPresent()) {
        String words = inWords(interval.get());
        Kind kind = new Kind(row.measure(), pattern(words));
        seen.compute(kind, (k, old) -> old == null ? Seen.first(row, words) : old.again());
      }
    }
    return seen.values().stream().map(Seen::describe).toList();
  }

  private static String inWords(Interval interval) {
    return interval instanceof Interval.Known known
        ? "%s interval by %s over %s units"
            .formatted(known.levelInPercent(), known.method().label(), known.units())
        : ((Interval.Refused) interval).reason();
  }

  /**
   * Each kind of warning as one line, with the first pair that it concerns.
   *
   * @param rows the scores of a table, in its order
   * @return in the order in which the kinds first appear; empty if no score has a warning
   */
  static List<String> of(Iterable<PairScore> rows) {
    Map<Kind, Seen> seen = new LinkedHashMap<>();
    for (PairScore row : rows) {
      Map<Kind, Seen> ofPair = new LinkedHashMap<>();
      for (String warning : row.score().diagnostics().warnings()) {
        ofPair.merge(
            new Kind(row.measure(), pattern(warning)),
            Seen.first(row, warning),
            (first, other) -> first.alsoOfThePair(warning));
      }
      ofPair.forEach((kind, first) -> seen.merge(kind, first, (old, more) -> old.again()));
    }
    return seen.values().stream().map(Seen::describe).toList();
  }

  /**
   * Each kind of reason why pairs have no score as one line, with the first of these pairs.
   *
   * @param pairs those that could not be compared, in the order of the table
   * @return in the order in which the kinds first appear
   */
  static List<String> ofMissing(Iterable<MissingScore> pairs) {
    Map<Kind, Seen> seen = new LinkedHashMap<>();
    for (MissingScore none : pairs) {
      Kind kind = new Kind(none.measure(), pattern(none.reason()));
      Seen first =
          new Seen(none.layerA(), none.layerB(), none.measure(), "no score. " + none.reason(), 1);
      seen.compute(kind, (k, old) -> old == null ? first : old.again());
    }
    return seen.values().stream().map(Seen::describe).toList();
  }

  private static String pattern(String warning) {
    return warning.replaceAll("'[^']*'", "''").replaceAll("[0-9]+(\\.[0-9]+)?", "0");
  }
}
