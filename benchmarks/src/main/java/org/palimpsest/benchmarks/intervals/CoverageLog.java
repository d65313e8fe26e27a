package org.palimpsest.benchmarks.intervals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A CSV file that grows by a line for each stretch of repetitions of a cell. */
final class CoverageLog {

  private static final String HEADER =
      "measure,width_a,width_b,positions,spread,relation,images,truth,repetitions,held,held_centre,width,refused,seconds";

  /** One cell of the table. */
  record Cell(
      String measure,
      int widthA,
      int widthB,
      int positions,
      Spread spread,
      String relation,
      int images) {

    private String key() {
      return "%s,%s,%s,%s,%s,%s,%s"
          .formatted(measure, widthA, widthB, positions, spread.label(), relation, images);
    }
  }

  /**
   * What came of some repetitions.
   *
   * @param held how many intervals held the true value
   * @param heldCentre how many held what they are centred on
   * @param width the sum of their widths
   * @param refused how often there was none
   * @param seconds of processor time that they took
   */
  record Tally(
      double truth,
      int repetitions,
      int held,
      int heldCentre,
      double width,
      int refused,
      double seconds) {

    static Tally ofRefusal() {
      return new Tally(0, 1, 0, 0, 0, 1, 0);
    }

    Tally took(double time) {
      return new Tally(truth, repetitions, held, heldCentre, width, refused, time);
    }

    Tally plus(Tally other) {
      return new Tally(
          given() > 0 ? truth : other.truth,
          repetitions + other.repetitions,
          held + other.held,
          heldCentre + other.heldCentre,
          width + other.width,
          refused + other.refused,
          seconds + other.seconds);
    }

    int given() {
      return repetitions - refused;
    }

    double coverage() {
      return (double) held / given();
    }
  }

  private final Path file;
  private final Map<Cell, Tally> tallies = new LinkedHashMap<>();

  private CoverageLog(Path file) {
    this.file = file;
  }

  static CoverageLog open(Path file) throws IOException {
    CoverageLog log = new CoverageLog(file);
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file);
      lines.stream().skip(1).map(line -> line.split(",")).forEach(log::read);
    } else {
      Files.writeString(file, HEADER + "\n");
    }
    return log;
  }

  private void read(String[] parts) {
    Cell cell =
        new Cell(
            parts[0],
            Integer.parseInt(parts[1]),
            Integer.parseInt(parts[2]),
            Integer.parseInt(parts[3]),
            Spread.of(parts[4]),
            parts[5],
            Integer.parseInt(parts[6]));
    Tally tally =
        new Tally(
            Double.parseDouble(parts[7]),
            Integer.parseInt(parts[8]),
            Integer.parseInt(parts[9]),
            Integer.parseInt(parts[10]),
            Double.parseDouble(parts[11]),
            Integer.parseInt(parts[12]),
            Double.parseDouble(parts[13]));
    tallies.merge(cell, tally, Tally::plus);
  }

  Map<Cell, Tally> tallies() {
    return tallies;
  }

  void add(Map<Cell, Tally> more) throws IOException {
    more.forEach((cell, tally) -> tallies.merge(cell, tally, Tally::plus));
    Files.write(file, lines(more), StandardOpenOption.APPEND);
  }

  /** Puts one line for each cell in the place of those of its stretches. */
  void compact() throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    lines.addAll(lines(tallies));
    Files.write(file, lines);
  }

  private static List<String> lines(Map<Cell, Tally> tallies) {
    return tallies.entrySet().stream()
        .map(
            entry -> {
              Tally tally = entry.getValue();
              return String.format(
                  Locale.ROOT,
                  "%s,%s,%d,%d,%d,%.6f,%d,%.2f",
                  entry.getKey().key(),
                  tally.truth,
                  tally.repetitions,
                  tally.held,
                  tally.heldCentre,
                  tally.width,
                  tally.refused,
                  tally.seconds);
            })
        .toList();
  }
}
