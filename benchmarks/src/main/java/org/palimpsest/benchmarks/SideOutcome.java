package org.palimpsest.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What one side made of a workload.
 *
 * @param first seconds of the first run
 * @param best seconds of the fastest
 * @param megabytes the process's peak of resident memory
 * @param values one row for each layer of the first network; empty if it could not run
 * @param failure why it could not run, or empty
 */
record SideOutcome(
    double first, double best, long megabytes, List<double[]> values, String failure) {

  static SideOutcome of(List<String> lines, Path output) throws IOException {
    String failure = last(lines, "failed ", "");
    if (!failure.isEmpty()) {
      return new SideOutcome(Double.NaN, Double.NaN, 0, List.of(), failure);
    }
    double[] seconds =
        lines.stream()
            .filter(line -> line.startsWith("seconds "))
            .mapToDouble(line -> Double.parseDouble(line.substring("seconds ".length())))
            .toArray();
    return new SideOutcome(
        seconds[0],
        Arrays.stream(seconds).min().orElseThrow(),
        Long.parseLong(last(lines, "megabytes ", "0")),
        Files.readAllLines(output).stream().map(SideOutcome::row).toList(),
        "");
  }

  private static String last(List<String> lines, String prefix, String otherwise) {
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .reduce(otherwise, (before, line) -> line);
  }

  private static double[] row(String line) {
    return Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray();
  }

  boolean ran() {
    return failure.isEmpty();
  }

  /** The largest difference of the values that two sides have both. */
  double largestDifference(SideOutcome other) {
    double largest = 0;
    for (int i = 0; i < values.size(); i++) {
      int columns = Math.min(values.get(i).length, other.values.get(i).length);
      for (int j = 0; j < columns; j++) {
        largest = Math.max(largest, Math.abs(values.get(i)[j] - other.values.get(i)[j]));
      }
    }
    return largest;
  }
}
