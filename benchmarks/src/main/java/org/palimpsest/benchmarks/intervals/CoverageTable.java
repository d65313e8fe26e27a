package org.palimpsest.benchmarks.intervals;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.palimpsest.benchmarks.intervals.CoverageLog.Cell;
import org.palimpsest.benchmarks.intervals.CoverageLog.Tally;
import org.palimpsest.benchmarks.intervals.SimulatedLayers.Relation;

/** The log as a table in Markdown: a line for each measure, shape and number of images. */
final class CoverageTable {

  private record Line(
      String measure, int widthA, int widthB, int positions, Spread spread, int images) {

    String shape() {
      return widthA
          + " × "
          + widthB
          + (positions == 1 ? "" : ", " + positions + " positions")
          + (spread == Spread.EVEN ? "" : ", " + spread.label());
    }
  }

  private static final Comparator<Line> ORDER =
      Comparator.comparing(Line::spread)
          .thenComparingInt(Line::widthA)
          .thenComparingInt(Line::positions)
          .thenComparingInt(Line::images);

  private CoverageTable() {}

  static void print(CoverageLog log, PrintStream out) {
    Map<Line, Map<String, Tally>> lines = new LinkedHashMap<>();
    log.tallies()
        .forEach(
            (cell, tally) ->
                lines
                    .computeIfAbsent(line(cell), key -> new LinkedHashMap<>())
                    .put(cell.relation(), tally));
    List<String> measures = lines.keySet().stream().map(Line::measure).distinct().toList();
    out.println(
        "| measure | layers | images | unrelated | weak | strong | nearly the same | width |"
            + " repetitions |");
    out.println("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |");
    for (String measure : measures) {
      lines.keySet().stream()
          .filter(line -> line.measure().equals(measure))
          .sorted(ORDER)
          .forEach(line -> print(line, lines.getOrDefault(line, Map.of()), out));
    }
  }

  private static Line line(Cell cell) {
    return new Line(
        cell.measure(),
        cell.widthA(),
        cell.widthB(),
        cell.positions(),
        cell.spread(),
        cell.images());
  }

  private static void print(Line line, Map<String, Tally> tallies, PrintStream out) {
    String cells =
        Arrays.stream(Relation.values())
            .map(relation -> tallies.get(relation.name()))
            .map(CoverageTable::coverage)
            .collect(Collectors.joining(" | "));
    boolean given = tallies.values().stream().anyMatch(tally -> tally.given() > 0);
    out.printf(
        Locale.ROOT,
        "| %s | %s | %d | %s | %s | %s |%n",
        line.measure(),
        line.shape(),
        line.images(),
        cells,
        given
            ? width(tallies.get(Relation.UNRELATED.name()))
                + " / "
                + width(tallies.get(Relation.STRONG.name()))
            : "",
        given ? repetitions(tallies) : "");
  }

  private static String coverage(@org.jspecify.annotations.Nullable Tally tally) {
    if (tally == null) {
      return "";
    }
    return tally.given() == 0
        ? "refused"
        : String.format(Locale.ROOT, "%.0f", 100 * tally.coverage()) + given(tally);
  }

  /** Where some are refused, how many of a hundred are not. */
  private static String given(Tally tally) {
    return tally.refused() == 0
        ? ""
        : String.format(Locale.ROOT, " of %.0f %%", 100.0 * tally.given() / tally.repetitions());
  }

  private static String width(@org.jspecify.annotations.Nullable Tally tally) {
    return tally == null || tally.given() == 0
        ? ""
        : String.format(Locale.ROOT, "%.2f", tally.width() / tally.given());
  }

  private static String repetitions(Map<String, Tally> tallies) {
    int least = tallies.values().stream().mapToInt(Tally::given).min().orElse(0);
    int most = tallies.values().stream().mapToInt(Tally::given).max().orElse(0);
    return least == most ? String.valueOf(least) : least + "–" + most;
  }
}
