package org.palimpsest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.palimpsest.cli.WeightsComparison.Row;
import org.palimpsest.similarity.weights.WeightStatistic;

/**
 * Figures about weights as tables for people: layers, the randomness of their filters, single
 * filters if there are any, and normalisation apart.
 *
 * @param rows the figures
 * @param assumedStart what filters are taken to start from
 * @param chance what nearness by chance was simulated with, if it was
 */
record WeightsTable(List<Row> rows, String assumedStart, Optional<String> chance) {

  private static final double SMALLEST_SHOWN = 1e-4;

  private record Column(String title, String about, String statistic) {}

  private static final List<Column> CHANGE =
      List.of(
          new Column("RELATIVE CHANGE", "change", "relative_change"),
          new Column("COSINE", "change", "mean_cosine"),
          new Column("SIGN FLIPS", "change", "sign_flips"),
          new Column("MOVED", "change", "moved_share"),
          new Column("NORM CHANGE", "change", "relative_norm_change"));
  private static final List<String> RANDOMNESS =
      List.of(
          "spatial_autocorrelation",
          "low_frequency_energy",
          "largest_singular_value",
          "singular_values_beyond_edge",
          "effective_rank",
          "ks_gaussian",
          "ks_uniform",
          "ks_truncated_normal",
          "ks_orthogonal",
          "ks_drawn_from");

  void print(PrintWriter out) {
    TextColumns columns = new TextColumns(1);
    if (!layersOf("change").isEmpty()) {
      printLayers(columns, out);
    }
    printVectors("normalisation", "NORMALISATION", columns, out);
    printVectors("array", "ARRAY", columns, out);
  }

  private void printVectors(String about, String first, TextColumns columns, PrintWriter out) {
    List<List<String>> lines = table(about, first, vectors(about));
    if (lines.size() > 1) {
      if (!layersOf("change").isEmpty()) {
        out.println();
      }
      columns.print(lines, out);
    }
  }

  private void printLayers(TextColumns columns, PrintWriter out) {
    out.println("How far weights went from A to B, and how near filters are, best matched:");
    columns.print(layers(), out);
    chance.ifPresent(drawn -> out.println("By chance: " + drawn + "."));
    out.println();
    out.println("Do filters look random? (p-values are corrected for the number of layers)");
    out.println("If random: as filters that start from " + assumedStart + ".");
    new TextColumns(2).print(randomness(), out);
    List<List<String>> filters = filters();
    if (filters.size() > 1) {
      out.println();
      new TextColumns(2).print(filters, out);
    }
  }

  private static List<Column> vectors(String about) {
    return List.of(
        new Column("RELATIVE CHANGE", about, "relative_change"),
        new Column("NORM A", about, "norm_before"),
        new Column("NORM B", about, "norm_after"));
  }

  private List<List<String>> layers() {
    List<List<String>> lines = table("change", "LAYER", CHANGE);
    lines.set(0, with(lines.get(0), "NEAREST", "MATCHED", "BY CHANCE", "P"));
    for (int i = 1; i < lines.size(); i++) {
      String layer = lines.get(i).get(0);
      Optional<WeightStatistic> matched = find("filters", layer, "mean_matched_cosine");
      lines.set(
          i,
          with(
              lines.get(i),
              number(find("filters", layer, "mean_nearest_of_a_cosine")),
              number(matched),
              matched.map(WeightsTable::band).orElse("-"),
              matched.map(WeightsTable::p).orElse("-")));
    }
    return lines;
  }

  private List<List<String>> table(String about, String first, List<Column> columns) {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of(first));
    columns.forEach(column -> header.add(column.title()));
    lines.add(header);
    for (String layer : layersOf(about)) {
      List<String> line = new ArrayList<>(List.of(layer));
      columns.forEach(c -> line.add(number(find(c.about(), layer, c.statistic()))));
      lines.add(line);
    }
    return lines;
  }

  private List<List<String>> randomness() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("LAYER", "STATISTIC", "A", "P OF A", "B", "P OF B", "IF RANDOM"));
    for (String layer : layersOf("randomness_b")) {
      for (String statistic : RANDOMNESS) {
        Optional<WeightStatistic> ofA = find("randomness_a", layer, statistic);
        Optional<WeightStatistic> ofB = find("randomness_b", layer, statistic);
        if (ofB.isPresent()) {
          lines.add(
              List.of(
                  layer,
                  statistic,
                  number(ofA),
                  ofA.map(WeightsTable::p).orElse("-"),
                  number(ofB),
                  p(ofB.get()),
                  band(ofB.get())));
        }
      }
    }
    return lines;
  }

  private List<List<String>> filters() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("LAYER", "STATISTIC", "FILTER", "VALUE"));
    for (Row row : rows) {
      WeightStatistic figure = row.statistic();
      if (figure.filter().isPresent()) {
        lines.add(
            List.of(
                figure.layer(),
                figure.statistic(),
                String.valueOf(figure.filter().getAsInt()),
                number(Optional.of(figure))));
      }
    }
    return lines;
  }

  private List<String> layersOf(String about) {
    return rows.stream()
        .filter(row -> row.about().equals(about))
        .map(row -> row.statistic().layer())
        .distinct()
        .toList();
  }

  private Optional<WeightStatistic> find(String about, String layer, String statistic) {
    return WeightsComparison.find(rows, about, layer, statistic);
  }

  private static List<String> with(List<String> line, String... more) {
    List<String> longer = new ArrayList<>(line);
    longer.addAll(List.of(more));
    return longer;
  }

  private static String number(Optional<WeightStatistic> figure) {
    return figure.map(f -> number(f.value())).orElse("-");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String band(WeightStatistic figure) {
    return figure.low().isEmpty() || figure.high().isEmpty()
        ? "-"
        : number(figure.low().getAsDouble()) + ".." + number(figure.high().getAsDouble());
  }

  private static String p(WeightStatistic figure) {
    if (figure.correctedP().isEmpty()) {
      return "-";
    }
    double p = figure.correctedP().getAsDouble();
    return p < SMALLEST_SHOWN ? "<0.0001" : number(p);
  }
}
