package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Measure;

/** The result as a short text: means over pairs of networks, and each network's Dice. */
public final class ReuseTable {

  private ReuseTable() {}

  /** The lines of the table. */
  public static List<String> of(ReuseResult result) {
    List<String> lines = new ArrayList<>();
    for (Measure<?> measure : result.measures()) {
      lines.add(measure.name() + ", mean over pairs of networks");
      lines.addAll(aligned(similarities(result, measure.name())));
      lines.add("");
    }
    lines.add("Dice on held-out images");
    lines.addAll(aligned(dice(result)));
    return lines;
  }

  private static List<List<String>> similarities(ReuseResult result, String measure) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("", "pairs"));
    head.addAll(result.layers());
    rows.add(head);
    for (NetworkPair.Kind kind : NetworkPair.Kind.values()) {
      for (NetworkPair.Comparison comparison : result.comparisons(kind)) {
        List<String> row = new ArrayList<>(List.of(comparison.label()));
        int pairs = 0;
        for (String layer : result.layers()) {
          List<Double> values = result.values(comparison, layer, measure);
          pairs = Math.max(pairs, values.size());
          row.add(rounded(values.stream().mapToDouble(v -> v).average().orElse(Double.NaN)));
        }
        row.add(1, String.valueOf(pairs));
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<List<String>> dice(ReuseResult result) {
    Stream<TrainingRun> runs =
        Stream.concat(result.folder().source().stream(), result.folder().runs().stream());
    return runs.filter(run -> run.end().score().isPresent())
        .map(
            run ->
                List.of(
                    run.name(),
                    "step " + run.end().step(),
                    rounded(run.end().score().getAsDouble())))
        .toList();
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static List<String> aligned(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    return rows.stream().map(row -> aligned(row, widths)).toList();
  }

  private static String aligned(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < row.size(); c++) {
      String format = c == 0 ? "%-" + widths[c] + "s" : "  %" + widths[c] + "s";
      line.append(String.format(Locale.ROOT, format, row.get(c)));
    }
    return line.toString().stripTrailing();
  }
}
