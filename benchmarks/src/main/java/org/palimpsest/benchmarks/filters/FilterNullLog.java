package org.palimpsest.benchmarks.filters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.palimpsest.benchmarks.filters.FreshFilters.Start;

/** A CSV file that grows by a line for each pair of layers. */
final class FilterNullLog {

  private static final String HEADER = "filters,start,nearest,matched,simulations";

  /** One cell of the table. */
  record Cell(String filters, Start start) {}

  /**
   * What is told of one pair.
   *
   * @param nearest the p-value of the nearest filters
   * @param matched that of the matched filters
   * @param simulations of chance
   */
  record Told(double nearest, double matched, int simulations) {}

  private final Path file;
  private final Map<Cell, List<Told>> told = new LinkedHashMap<>();

  private FilterNullLog(Path file) {
    this.file = file;
  }

  static FilterNullLog open(Path file) throws IOException {
    FilterNullLog log = new FilterNullLog(file);
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().skip(1).map(line -> line.split(",")).forEach(log::read);
    } else {
      Files.writeString(file, HEADER + "\n");
    }
    return log;
  }

  private void read(String[] parts) {
    keep(
        new Cell(parts[0], Start.valueOf(parts[1])),
        new Told(
            Double.parseDouble(parts[2]),
            Double.parseDouble(parts[3]),
            Integer.parseInt(parts[4])));
  }

  private void keep(Cell cell, Told one) {
    told.computeIfAbsent(cell, key -> new ArrayList<>()).add(one);
  }

  List<Told> of(Cell cell) {
    return told.getOrDefault(cell, List.of());
  }

  void add(Cell cell, List<Told> more) throws IOException {
    more.forEach(one -> keep(cell, one));
    Files.write(
        file,
        more.stream()
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%s,%s,%.5g,%.5g,%d",
                        cell.filters(),
                        cell.start(),
                        one.nearest(),
                        one.matched(),
                        one.simulations()))
            .toList(),
        StandardOpenOption.APPEND);
  }
}
