package org.palimpsest.benchmarks.claims;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.benchmarks.claims.ClaimLog.Cell;
import org.palimpsest.benchmarks.claims.ClaimLog.Tally;

/**
 * How often the statistics of claims are right: {@code ClaimSimulation LOG REPETITIONS [WORD]}
 * simulates studies of known truth until each cell has so many, going on where the log ends, and
 * prints the table in Markdown; of the rows whose claim or name holds the word, if there is one.
 */
public final class ClaimSimulation {

  private static final int[] NETWORKS = {3, 4, 5, 6, 8, 10};
  private static final int STRETCH = 500;

  private ClaimSimulation() {}

  public static void main(String[] arguments) throws IOException {
    ClaimLog log = ClaimLog.open(Path.of(arguments[0]));
    int repetitions = Integer.parseInt(arguments[1]);
    String word = arguments.length > 2 ? arguments[2] : "";
    List<SimulatedStudy> studies =
        Stream.of(
                TrainingStudies.all(),
                FilterStudies.all(),
                PairStudies.all(),
                ReuseStudies.all(),
                JointStudies.all())
            .flatMap(List::stream)
            .filter(study -> (study.claim() + " " + study.name()).contains(word))
            .toList();
    for (SimulatedStudy study : studies) {
      for (int networks : NETWORKS) {
        run(log, study, networks, repetitions);
      }
    }
    print(log, studies, new PrintStream(System.out, true, StandardCharsets.UTF_8));
  }

  private static void run(ClaimLog log, SimulatedStudy study, int networks, int repetitions)
      throws IOException {
    Cell cell = new Cell(study.claim(), study.name(), networks);
    for (int from = log.tally(cell).studies(); from < repetitions; from += STRETCH) {
      int to = Math.min(repetitions, from + STRETCH);
      log.add(
          cell,
          IntStream.range(from, to)
              .parallel()
              .mapToObj(i -> Tally.of(study.outcome(networks, i), study.truth()))
              .reduce(Tally.NONE, Tally::plus));
    }
  }

  private static void print(ClaimLog log, List<SimulatedStudy> studies, PrintStream out) {
    for (SimulatedStudy.Asks asks : SimulatedStudy.Asks.values()) {
      out.println("| claim | case | " + networks(n -> "n = " + n) + " | studies a cell |");
      out.println("| --- | --- | " + networks(n -> "---") + " | ---: |");
      for (SimulatedStudy study : studies) {
        if (study.asks() == asks) {
          out.printf(
              "| %s | %s | %s | %s |%n",
              study.claim(),
              study.name(),
              networks(n -> cell(asks, log.tally(new Cell(study.claim(), study.name(), n)))),
              log.tally(new Cell(study.claim(), study.name(), NETWORKS[0])).studies());
        }
      }
      out.println();
    }
  }

  private static String networks(IntFunction<String> text) {
    return IntStream.of(NETWORKS).mapToObj(text).collect(Collectors.joining(" | "));
  }

  private static String cell(SimulatedStudy.Asks asks, Tally tally) {
    if (asks == SimulatedStudy.Asks.VERDICTS) {
      return String.format(
          Locale.ROOT,
          "%.3f/%.3f",
          (double) tally.holds() / tally.studies(),
          (double) tally.doesNotHold() / tally.studies());
    }
    if (tally.known() == 0) {
      return "refused";
    }
    double known = tally.known();
    String given =
        tally.known() < tally.studies()
            ? String.format(Locale.ROOT, ", %.0f %% given", 100 * known / tally.studies())
            : "";
    return String.format(
        Locale.ROOT,
        "%.3f (%.1f/%.1f%s)",
        tally.covered() / known,
        100 * tally.above() / known,
        100 * tally.below() / known,
        given);
  }
}
