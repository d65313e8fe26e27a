package org.palimpsest.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.palimpsest.examples.cli.Inspection.Part;
import org.palimpsest.io.capture.LayerOutline;
import org.palimpsest.io.file.Sha256;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what a file is. */
@Command(
    name = "inspect",
    description = {
      "Tells what a file is (by its content, not its name), which tool wrote it, what is in it, and"
          + " what can be done with it. Nothing in it is run."
    },
    footerHeading = "%nExample:%n",
    footer = "  java -jar palimpsest.jar inspect checkpoint.pth")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "FILE", description = "Any file, or a folder.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "table|json",
      defaultValue = "table",
      description = "What standard output carries. (default: ${DEFAULT-VALUE})")
  private ListingFormat format;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() throws IOException {
    Inspection inspection = Inspector.inspect(file);
    Map<String, Object> facts = facts(inspection);
    PrintWriter out = command.commandLine().getOut();
    if (format == ListingFormat.JSON) {
      facts.put("layers", inspection.layers().stream().map(InspectCommand::asMap).toList());
      facts.put("parts", inspection.parts().stream().map(InspectCommand::asMap).toList());
      JsonPrinter.print(facts, out);
    } else {
      print(facts, inspection, out);
    }
    return 0;
  }

  private Map<String, Object> facts(Inspection inspection) throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("file", file.toString());
    facts.put("is", inspection.kind().description());
    facts.put("writer", inspection.writer());
    facts.put("use", inspection.kind().use());
    if (Files.isRegularFile(file)) {
      facts.put("bytes", Files.size(file));
      facts.put("sha256", Sha256.of(file));
    }
    facts.put("notes", inspection.notes());
    return facts;
  }

  private static Map<String, Object> asMap(LayerOutline layer) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", layer.name());
    map.put("type", layer.type());
    return map;
  }

  private static Map<String, Object> asMap(Part part) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", part.name());
    map.put("shape", part.shape());
    map.put("dtype", part.dtype());
    return map;
  }

  private static void print(Map<String, Object> facts, Inspection inspection, PrintWriter out) {
    List<List<String>> lines = new ArrayList<>();
    facts.forEach((label, fact) -> addLines(lines, label, fact));
    List<List<String>> layers =
        inspection.layers().stream().map(layer -> List.of(layer.name(), layer.type())).toList();
    List<List<String>> parts =
        inspection.parts().stream()
            .map(part -> List.of(part.name(), part.shape(), part.dtype()))
            .toList();
    count(lines, "layers", layers);
    count(lines, inspection.partsAre(), parts);
    new TextColumns(2).print(lines, out);
    list(layers, out);
    list(parts, out);
  }

  private static void count(List<List<String>> lines, String what, List<List<String>> them) {
    if (!them.isEmpty()) {
      lines.add(List.of(what, String.valueOf(them.size())));
    }
  }

  private static void list(List<List<String>> them, PrintWriter out) {
    if (!them.isEmpty()) {
      out.println();
      new TextColumns(them.get(0).size()).print(them, out);
    }
  }

  private static void addLines(List<List<String>> lines, String label, Object fact) {
    if (fact instanceof List<?> several) {
      several.forEach(one -> lines.add(List.of("note", String.valueOf(one))));
    } else if (!String.valueOf(fact).isEmpty()) {
      lines.add(List.of(label, String.valueOf(fact)));
    }
  }
}
