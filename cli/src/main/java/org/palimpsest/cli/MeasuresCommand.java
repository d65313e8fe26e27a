package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.internal.text.Names;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the measures. */
@Command(
    name = "measures",
    description = {
      "Lists the measures: name, direction, range, and what each ignores.",
      "With names, tells all that is known of these: also what must change their value, their"
          + " parameters, source and cost."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  java -jar palimpsest.jar measures", "  java -jar palimpsest.jar measures svcca"})
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MeasuresCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Parameters(paramLabel = "NAME", description = "Only these measures, in full.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "table|json",
      defaultValue = "table",
      description =
          "What standard output carries; JSON always tells all. (default: ${DEFAULT-VALUE})")
  private ListingFormat format;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    List<MeasureEntry> entries =
        names.isEmpty() ? Measures.catalogue() : names.stream().map(this::entry).toList();
    if (format == ListingFormat.JSON) {
      Listing.json(entries, out);
    } else if (names.isEmpty()) {
      Listing.table(entries, out);
    } else {
      Listing.cards(entries, out);
    }
    return 0;
  }

  /** A name with parameters is told with the properties that these give it. */
  private MeasureEntry entry(String name) {
    Optional<MeasureEntry> plain =
        Measures.catalogue().stream().filter(entry -> entry.name().equals(name)).findFirst();
    if (plain.isPresent()) {
      return plain.get();
    }
    if (name.indexOf(':') < 0) {
      throw unknown(name);
    }
    Measure<?> measure = AskedMeasure.parseAll(List.of(name), command).get(0).measure();
    return MeasureEntry.of(name, () -> measure);
  }

  private ParameterException unknown(String name) {
    List<String> known = Measures.catalogue().stream().map(MeasureEntry::name).toList();
    return new ParameterException(
        command.commandLine(),
        "There is no measure '%s'. The nearest names are: %s."
            .formatted(name, String.join(", ", Names.nearest(name, known))));
  }

  /** The measures as a table, as cards, as JSON. */
  private static final class Listing {

    private static final int GAP = 2;
    private static final int WIDEST = 100;

    private Listing() {}

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
      JsonPrinter.print(entries.stream().map(Listing::asMap).toList(), out);
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
}
