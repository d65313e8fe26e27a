package org.palimpsest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.uncertainty.Intervals;

/**
 * Says where intervals are so wide that more probes should be shown, and how many.
 *
 * @param lines one for each measure whose intervals are
 */
record WideIntervals(List<String> lines) {

  /** Intervals that take more than this part of what the measure can be tell little. */
  private static final double WIDE = 0.25;

  static WideIntervals of(ComparisonResult result) {
    List<String> lines = new ArrayList<>();
    for (SimilarityMatrix matrix : result.matrices()) {
      List<Interval.Known> intervals = known(matrix).toList();
      double width = intervals.stream().mapToDouble(Interval.Known::width).average().orElse(0);
      if (width > WIDE * extent(matrix.properties().range())) {
        long units = intervals.get(0).units();
        double level = intervals.get(0).level();
        lines.add(
            String.format(
                Locale.ROOT,
                "note: with %d units (images, or batches) the intervals of %s are %.2g wide on"
                    + " average; %d would about halve them.",
                units,
                matrix.measure(),
                width,
                Intervals.withDefaults().withLevel(level).unitsToHalve(units)));
      }
    }
    return new WideIntervals(lines);
  }

  private static Stream<Interval.Known> known(SimilarityMatrix matrix) {
    return matrix.scores().stream()
        .flatMap(List::stream)
        .flatMap(score -> score.flatMap(Score::interval).stream())
        .filter(Interval.Known.class::isInstance)
        .map(Interval.Known.class::cast);
  }

  /** Similarities from -1 to 1 count as from 0 to 1; what has no end is never called wide. */
  private static double extent(Range range) {
    return range.high() - Math.max(0, range.low());
  }

  void print(PrintWriter err) {
    lines.forEach(err::println);
  }
}
