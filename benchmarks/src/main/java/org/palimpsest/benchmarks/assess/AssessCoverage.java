package org.palimpsest.benchmarks.assess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.palimpsest.claims.Assessment;
import org.palimpsest.claims.Assessor;
import org.palimpsest.claims.Evidence;
import org.palimpsest.claims.Finding;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;

/**
 * Assesses simulated folders of runs from end to end: how often intervals hold the true value, and
 * how often claims are judged which way where the truth lies at the threshold, or well beyond it.
 *
 * <p>{@code AssessCoverage LOG 200} adds folders to the log until it has so many for each design
 * and number of networks, and prints the table; {@code AssessCoverage LOG table} prints it.
 */
public final class AssessCoverage {

  private static final int[] NETWORKS = {6, 10};
  private static final double WANTED_ANGLE = 45;

  private record Design(String name, Population population, Scores scores) {}

  private AssessCoverage() {}

  public static void main(String[] arguments) throws IOException {
    Path log = Path.of(arguments[0]);
    if (!arguments[1].equals("table")) {
      run(log, Integer.parseInt(arguments[1]));
    }
    table(log).forEach(System.out::println);
  }

  private static void run(Path log, int wanted) throws IOException {
    List<Design> designs = List.of(atThresholds(), beyondThem(), reused());
    Map<String, Integer> done = new HashMap<>();
    for (String line : lines(log)) {
      String[] cells = line.split(",", -1);
      if (cells[0].equals("folder")) {
        done.merge(cells[1] + "," + cells[2], 1, Integer::sum);
      }
    }
    Map<String, Map<String, double[]>> truths = new HashMap<>();
    for (Design design : designs) {
      Map<String, double[]> truth = new LinkedHashMap<>(design.scores().figures());
      truth.putAll(Truth.of(design.population()).figures());
      truths.put(design.name(), truth);
    }
    for (int repetition = 0; repetition < wanted; repetition++) {
      for (Design design : designs) {
        for (int networks : NETWORKS) {
          if (done.getOrDefault(design.name() + "," + networks, 0) <= repetition) {
            append(
                log,
                folder(design, networks, repetition, truths.getOrDefault(design.name(), Map.of())));
          }
        }
      }
    }
  }

  /** Every truth that a setting reaches lies at its claim's threshold. */
  private static Design atThresholds() {
    double task = 0.5;
    double kept =
        Truth.setting(
            0.2, 0.95, false, WANTED_ANGLE, u -> at(task, u, 0.1, 1, 0, 0), t -> t.angle(false));
    double spread = spread(task, kept, 0.3, 0.8);
    double near =
        Truth.setting(0, 1, true, 0.1, l -> at(task, kept, l, spread, 0, 0), Truth::shareApart);
    double narrow = spread(task, kept, near, 0.8);
    double apart =
        Truth.setting(0, 1, true, 0.1, l -> at(task, kept, l, narrow, 0, 0), Truth::shareApart);
    double regular =
        Truth.setting(
            0,
            1,
            true,
            0.6,
            r -> at(task, kept, apart, narrow, 0, r),
            t -> Math.max(t.smoothness(), t.oneSign()));
    double own =
        Truth.setting(
            -0.5,
            0.6,
            true,
            0.05,
            a -> at(task, kept, apart, narrow, a, regular),
            AssessCoverage::mostReused);
    double offset = new Scores(0, new double[] {0.02, 0.02, 0.02, 0.02}, 0).trueDoublings();
    return new Design(
        "at thresholds",
        at(task, kept, apart, narrow, own, regular),
        new Scores(-offset, new double[] {0.02, 0.02, 0.02, 0.02}, 0.7));
  }

  private static double mostReused(Truth truth) {
    double most = Double.NEGATIVE_INFINITY;
    for (int block = 1; block < Population.BLOCKS.length - 1; block++) {
      most = Math.max(most, truth.reuseBesideSource(block));
    }
    return most;
  }

  private static double spread(double task, double kept, double apart, double ratio) {
    return Truth.setting(
        0.3, 1.5, true, ratio, s -> at(task, kept, apart, s, 0, 0), Truth::ratioOfSpread);
  }

  private static Population at(
      double task, double kept, double apart, double spread, double own, double regular) {
    return new Population(task, kept, apart, 1, spread, 1, own, regular);
  }

  private static Design beyondThem() {
    double apart =
        Truth.setting(0, 1, true, 0.4, l -> at(0.2, 0.85, l, 1, 1, 0), Truth::shareApart);
    double spread =
        Truth.setting(0.5, 2, true, 1, s -> at(0.2, 0.85, apart, s, 1, 0), Truth::ratioOfSpread);
    return new Design(
        "beyond",
        at(0.2, 0.85, apart, spread, 1, 0),
        new Scores(0.5, new double[] {0.09, 0.0, 0.0, 0.0}, 0.85));
  }

  /** Random networks go far from their starts, transferred ones stay near the source. */
  private static Design reused() {
    return new Design(
        "reused",
        new Population(1, 0.3, 0.9, 1, 0.6, 1, 0.9, 0.4),
        new Scores(-0.5, new double[] {0.0, 0.06, 0.06, 0.06}, 0.5));
  }

  private static List<String> folder(
      Design design, int networks, int repetition, Map<String, double[]> truth) throws IOException {
    Path root = Files.createTempDirectory("assessed");
    try {
      SplittableRandom random =
          new SplittableRandom(1_000_003L * repetition + 31L * networks + design.name().hashCode());
      SimulatedRuns.write(
          root.resolve("runs"), design.population(), design.scores(), networks, random);
      Assessment assessment =
          Assessor.of(RunsFolder.open(root.resolve("runs")))
              .withProbes(NpyProbes.open(root.resolve("runs").resolve("probes.npy")))
              .withLayers(LayerSelector.of(Population.BLOCKS))
              .assess(root.resolve("out"));
      return lines(design, networks, assessment, truth);
    } finally {
      delete(root);
    }
  }

  private static List<String> lines(
      Design design, int networks, Assessment assessment, Map<String, double[]> truth) {
    List<String> lines = new ArrayList<>();
    String cell = design.name() + "," + networks;
    for (int i = 0; i < assessment.findings().size(); i++) {
      Finding finding = assessment.findings().get(i);
      String key = finding.claim().key();
      lines.add(
          "claim,%s,%s,%s,%s"
              .formatted(
                  cell, key, finding.verdict().words(), assessment.together().get(i).words()));
      double[] known = truth.getOrDefault(key, new double[0]);
      List<Evidence> deciding = finding.deciding();
      for (int k = 0; k < Math.min(known.length, deciding.size()); k++) {
        Evidence one = deciding.get(k);
        lines.add(
            String.format(
                Locale.ROOT,
                "figure,%s,%s,%d,%.6f,%s,%s,%.6f,%.6f",
                cell,
                key,
                k,
                known[k],
                one.isBoundedSomewhere() ? one.interval().contains(known[k]) : "none",
                one.asked(),
                one.interval().low(),
                one.interval().high()));
      }
    }
    lines.add("folder," + cell);
    return lines;
  }

  private static List<String> table(Path log) throws IOException {
    Map<String, int[]> verdicts = new TreeMap<>();
    Map<String, int[]> held = new TreeMap<>();
    Map<String, String> truths = new HashMap<>();
    for (String line : lines(log)) {
      String[] cells = line.split(",", -1);
      if (cells[0].equals("claim")) {
        int[] counts =
            verdicts.computeIfAbsent(
                "%s | %s | %s".formatted(cells[3], cells[1], cells[2]), k -> new int[5]);
        counts[0]++;
        counts[cells[4].equals("holds") ? 1 : cells[4].equals("does not hold") ? 2 : 0] +=
            cells[4].equals("cannot be told") ? 0 : 1;
        counts[cells[5].equals("holds") ? 3 : cells[5].equals("does not hold") ? 4 : 0] +=
            cells[5].equals("cannot be told") ? 0 : 1;
      } else if (cells[0].equals("figure")) {
        String key = "%s, figure %s | %s | %s".formatted(cells[3], cells[4], cells[1], cells[2]);
        int[] counts = held.computeIfAbsent(key, k -> new int[3]);
        counts[0]++;
        counts[1] += cells[6].equals("true") ? 1 : 0;
        counts[2] += cells[6].equals("none") ? 1 : 0;
        truths.put(key, "%.3f | %s".formatted(Double.parseDouble(cells[5]), cells[7]));
      }
    }
    List<String> table = new ArrayList<>(ofIntervals(held, truths));
    table.add("");
    table.addAll(ofVerdicts(verdicts));
    return table;
  }

  private static List<String> ofIntervals(Map<String, int[]> held, Map<String, String> truths) {
    List<String> table = new ArrayList<>();
    table.add("| figure | design | networks | true value | asked for | intervals | hold it |");
    table.add("| --- | --- | --- | --- | --- | --- | --- |");
    held.forEach(
        (key, counts) ->
            table.add(
                "| %s | %s | %s | %s |"
                    .formatted(
                        key,
                        truths.get(key),
                        counts[0] - counts[2],
                        share(counts[1], counts[0] - counts[2]))));
    return table;
  }

  private static List<String> ofVerdicts(Map<String, int[]> verdicts) {
    List<String> table = new ArrayList<>();
    table.add(
        "| claim | design | networks | folders | holds | does not | holds (Holm) | does not (Holm) |");
    table.add("| --- | --- | --- | --- | --- | --- | --- | --- |");
    verdicts.forEach(
        (key, counts) ->
            table.add(
                "| %s | %s | %s | %s | %s | %s |"
                    .formatted(
                        key,
                        counts[0],
                        share(counts[1], counts[0]),
                        share(counts[2], counts[0]),
                        share(counts[3], counts[0]),
                        share(counts[4], counts[0]))));
    return table;
  }

  private static String share(int some, int all) {
    return all == 0 ? "–" : String.format(Locale.ROOT, "%.3f", (double) some / all);
  }

  private static List<String> lines(Path log) throws IOException {
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  private static void append(Path log, List<String> lines) throws IOException {
    Files.write(log, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
