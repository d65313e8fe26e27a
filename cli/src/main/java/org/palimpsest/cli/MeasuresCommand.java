package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.palimpsest.core.Suggestions;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;
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
      MeasureListing.json(entries, out);
    } else if (names.isEmpty()) {
      MeasureListing.table(entries, out);
    } else {
      MeasureListing.cards(entries, out);
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
            .formatted(name, String.join(", ", Suggestions.nearest(name, known))));
  }
}
