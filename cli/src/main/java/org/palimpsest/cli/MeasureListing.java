package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.MeasureEntry;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;

/** The measures as a table, as cards, as JSON. */
final class MeasureListing {

  private static final int GAP = 2;
  private static final int WIDEST = 100;

  private MeasureListing() {}

  static void table(List<MeasureEntry> entries, PrintWriter out) {
    int nameWidth = entries.stream().mapToInt(e -> e.name().length()).max().orElse(0) + GAP;
    int directionWidth = "similarity".length() + GAP;
    int rangeWidth = entries.stream().mapToInt(e -> range(e).length()).max().orElse(0) + GAP;
    Help.TextTable table =
        Help.TextTable.forColumns(
            Help.defaultColorScheme(Help.Ansi.OFF),
            new Column(nameWidth, 0, Overflow.SPAN),
            new Column(directionWidth, 0, Overflow.SPAN),
            new Column(rangeWidth, 0, Overflow.SPAN),
            new Column(WIDEST - nameWidth - directionWidth - rangeWidth, 0, Overflow.WRAP));
    table.addRowValues("MEASURE", "DIRECTION", "RANGE", "IGNORES");
    for (MeasureEntry entry : entries) {
      table.addRowValues(
          entry.name(),
          direction(entry.properties()),
          range(entry),
          String.join(", ", labels(entry.properties().ignores())));
    }
    out.print(table);
    out.flush();
  }

  static void cards(List<MeasureEntry> entries, PrintWriter out) {
    String separator = "";
    for (MeasureEntry entry : entries) {
      out.print(separator);
      MeasureProperties properties = entry.properties();
      out.println(entry.name());
      line(out, "", properties.description());
      line(out, "direction", direction(properties));
      line(out, "range", range(entry));
      line(out, "symmetric", properties.symmetric() ? "yes" : "no");
      line(out, "ignores", String.join(", ", labels(properties.ignores())));
      line(out, "notices", String.join(", ", labels(properties.notices())));
      line(out, "parameters", entry.parameters().isEmpty() ? "none" : entry.parameters());
      line(out, "source", properties.source());
      line(out, "cost", properties.cost());
      separator = System.lineSeparator();
    }
    out.flush();
  }

  private static void line(PrintWriter out, String label, String text) {
    out.println(label.isEmpty() ? "  " + text : "  %-11s %s".formatted(label, text));
  }

  static void json(List<MeasureEntry> entries, PrintWriter out) throws IOException {
    JsonPrinter.print(entries.stream().map(MeasureListing::asMap).toList(), out);
  }

  private static Map<String, Object> asMap(MeasureEntry entry) {
    MeasureProperties properties = entry.properties();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("measure", entry.name());
    map.put("parameters", entry.parameters());
    map.put("description", properties.description());
    map.put("direction", direction(properties));
    map.put("low", finiteOrText(properties.range().low()));
    map.put("high", finiteOrText(properties.range().high()));
    map.put("symmetric", properties.symmetric());
    map.put("ignores", labels(properties.ignores()));
    map.put("notices", labels(properties.notices()));
    map.put("source", properties.source());
    map.put("cost", properties.cost());
    return map;
  }

  /** JSON has no infinity. */
  private static Object finiteOrText(double end) {
    return Double.isFinite(end) ? (Object) end : end > 0 ? "inf" : "-inf";
  }

  private static String direction(MeasureProperties properties) {
    return properties.direction().name().toLowerCase(Locale.ROOT);
  }

  private static String range(MeasureEntry entry) {
    return entry.properties().range().toString();
  }

  private static List<String> labels(Collection<Transformation> some) {
    return Stream.of(Transformation.values())
        .filter(some::contains)
        .map(Transformation::label)
        .toList();
  }
}
