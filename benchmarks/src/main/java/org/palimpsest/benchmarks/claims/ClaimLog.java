package org.palimpsest.benchmarks.claims;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** A file of tab-separated lines that grows by one for each stretch of studies of a cell. */
final class ClaimLog {

  private static final String HEADER =
      "claim\tcase\tnetworks\tstudies\tknown\tcovered\tabove\tbelow\tholds\tdoes_not_hold";
  private static final int NAMES = 3;

  /** One cell of the table. */
  record Cell(String claim, String name, int networks) {}

  /**
   * What came of some studies.
   *
   * @param known how many gave an interval
   * @param covered how many of these hold the true value
   * @param above how many lie above it
   * @param below how many lie below it
   * @param holds how many told that the claim holds
   * @param doesNotHold how many told that it does not
   */
  record Tally(
      int studies, int known, int covered, int above, int below, int holds, int doesNotHold) {

    static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

    static Tally of(SimulatedStudy.Outcome outcome, double truth) {
      ConfidenceInterval interval = outcome.estimate().interval();
      Verdict verdict = outcome.judgement().verdict();
      return new Tally(
          1,
          count(outcome.estimate().isKnown()),
          count(outcome.estimate().isKnown() && interval.contains(truth)),
          count(interval.low() > truth),
          count(interval.high() < truth),
          count(verdict == Verdict.HOLDS),
          count(verdict == Verdict.DOES_NOT_HOLD));
    }

    private static int count(boolean is) {
      return is ? 1 : 0;
    }

    Tally plus(Tally other) {
      return new Tally(
          studies + other.studies,
          known + other.known,
          covered + other.covered,
          above + other.above,
          below + other.below,
          holds + other.holds,
          doesNotHold + other.doesNotHold);
    }
  }

  private final Path file;
  private final Map<Cell, Tally> tallies = new LinkedHashMap<>();

  private ClaimLog(Path file) {
    this.file = file;
  }

  static ClaimLog open(Path file) throws IOException {
    ClaimLog log = new ClaimLog(file);
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().skip(1).map(line -> line.split("\t")).forEach(log::read);
    } else {
      Files.writeString(file, HEADER + "\n");
    }
    return log;
  }

  private void read(String[] parts) {
    int[] counts = new int[parts.length];
    for (int i = NAMES; i < parts.length; i++) {
      counts[i] = Integer.parseInt(parts[i]);
    }
    tallies.merge(
        new Cell(parts[0], parts[1], Integer.parseInt(parts[2])),
        new Tally(counts[3], counts[4], counts[5], counts[6], counts[7], counts[8], counts[9]),
        Tally::plus);
  }

  Tally tally(Cell cell) {
    return tallies.getOrDefault(cell, Tally.NONE);
  }

  void add(Cell cell, Tally more) throws IOException {
    tallies.merge(cell, more, Tally::plus);
    String line =
        "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s"
            .formatted(
                cell.claim(),
                cell.name(),
                cell.networks(),
                more.studies(),
                more.known(),
                more.covered(),
                more.above(),
                more.below(),
                more.holds(),
                more.doesNotHold());
    Files.write(file, List.of(line), StandardOpenOption.APPEND);
  }
}
