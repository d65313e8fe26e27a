package org.palimpsest.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.inspect.Inspection;
import org.palimpsest.io.inspect.Inspection.ArchitectureDraft;
import org.palimpsest.io.inspect.Inspection.Part;
import org.palimpsest.io.inspect.Inspection.Use;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions;
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
      "Tells what a file is (by its content, not its name), which tool wrote it, its layers or what"
          + " else is in it, and the commands that can do something with it. Nothing in it is run."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar inspect model.pt",
      "  java -jar palimpsest.jar inspect checkpoint.pth --format json",
      "  java -jar palimpsest.jar inspect weights.pth --draft net.json"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class InspectCommand implements Callable<Integer>, WritesFiles {

  private static final List<String> LAYERS = List.of("LAYER", "TYPE", "PARAMETERS", "REMARKS");

  private static final long MOST_HASHED = 16L << 30;
  private static final String NOT_HASHED = "not taken here of more than 16 GB, see sha256sum";

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "FILE", description = "Any file, or a folder.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "table|json",
      defaultValue = "table",
      description = "What standard output carries. (default: ${DEFAULT-VALUE})")
  private ListingFormat format;

  @Option(
      names = "--draft",
      paramLabel = "NET.json",
      description =
          "Also write a first description of the network, for --architecture, from the names and"
              + " shapes of a state dict. What they do not show is proposed and marked by TODO;"
              + " settle the marks with the network's forward in sight. Replaces no file.")
  private @Nullable Path draft;

  @Option(
      names = "--key",
      paramLabel = "ENTRY[.ENTRY]",
      description =
          "Look at this entry of a checkpoint, or at the weights whose names begin so: model,"
              + " ema_model.")
  private @Nullable String key;

  @Option(
      names = "--without-prefix",
      paramLabel = "PREFIX",
      description =
          "Take this off the names of weights of which all begin so, such as 'student.'. Several by"
              + " giving the option again, the outer one first.")
  private List<String> prefixes = List.of();

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    return draft == null ? List.of() : List.of(draft);
  }

  @Override
  public Integer call() throws IOException {
    Optional<UnchangedFile> watched =
        Files.isRegularFile(file) ? Optional.of(UnchangedFile.since(file)) : Optional.empty();
    new OptionUse().requireOfWeights(List.of(file), List.of(said()));
    Inspection inspection = Inspection.of(file, said());
    Optional<Map<String, Object>> drafted = drafted(inspection);
    Map<String, Object> facts = facts(inspection, watched);
    drafted.ifPresent(facts::putAll);
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

  private NetworkOptions said() {
    NetworkOptions said = NetworkOptions.none().withoutPrefixes(prefixes);
    return key == null ? said : said.withKey(key);
  }

  /** What the next command is to be told as well. */
  private String saidAgain() {
    StringBuilder again = new StringBuilder();
    said().key().ifPresent(entry -> again.append(" --key ").append(entry));
    prefixes.forEach(prefix -> again.append(" --without-prefix ").append(prefix));
    return again.toString();
  }

  /** Writes the draft; the next command is then the one that uses it. */
  private Optional<Map<String, Object>> drafted(Inspection inspection) {
    if (draft == null) {
      return Optional.empty();
    }
    List<Use> uses = inspection.next();
    if (uses.contains(Use.CAPTURE) && !uses.contains(Use.DRAFT_ARCHITECTURE)) {
      throw new PalimpsestException(
          "%s holds its network and runs as it is: it needs no description, and takes none. Leave --draft out; next: %s"
              .formatted(file, NextCommand.of(Use.CAPTURE, file)));
    }
    ArchitectureDraft written = ArchitectureDraft.of(file, said());
    written.write(draft);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("draft", draft.toString());
    facts.put("marks", written.marks());
    facts.put("next", List.of(NextCommand.captureDescribed(file, draft) + saidAgain()));
    return Optional.of(facts);
  }

  private Map<String, Object> facts(Inspection inspection, Optional<UnchangedFile> watched)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("file", file.toString());
    facts.put("is", inspection.is());
    facts.put("writer", inspection.writer());
    facts.put("use", inspection.use());
    if (watched.isPresent()) {
      long bytes = Files.size(file);
      facts.put("bytes", bytes);
      facts.put("sha256", bytes > MOST_HASHED ? NOT_HASHED : watched.get().sha256());
    }
    facts.put("notes", inspection.notes());
    facts.put(
        "next",
        inspection.next().stream().map(next -> NextCommand.of(next, file) + saidAgain()).toList());
    return facts;
  }

  private static Map<String, @Nullable Object> asMap(LayerOutline layer) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", layer.name());
    map.put("type", layer.type());
    map.put("parameters", layer.parameters().isPresent() ? layer.parameters().getAsLong() : null);
    map.put("remarks", layer.remarks());
    return map;
  }

  private static Map<String, Object> asMap(Part part) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", part.name());
    map.put("shape", part.shape());
    map.put("dtype", part.dtype());
    return map;
  }

  /** Layers if the file tells them, else what else is in it: tensors are listed by 'weights'. */
  private static void print(Map<String, Object> facts, Inspection inspection, PrintWriter out) {
    List<List<String>> lines = new ArrayList<>();
    facts.forEach((label, fact) -> addLines(lines, label, fact));
    count(lines, "layers", inspection.layers().size());
    count(lines, inspection.partsAre(), inspection.parts().size());
    new TextColumns(2).print(lines, out);
    if (inspection.layers().isEmpty()) {
      list(inspection.parts().stream().map(InspectCommand::cells).toList(), out);
    } else {
      List<List<String>> table = new ArrayList<>(List.of(LAYERS));
      inspection.layers().forEach(layer -> table.add(cells(layer)));
      list(table, out);
    }
  }

  private static List<String> cells(Part part) {
    return List.of(part.name(), part.shape(), part.dtype());
  }

  private static List<String> cells(LayerOutline layer) {
    OptionalLong parameters = layer.parameters();
    return List.of(
        layer.name(),
        layer.type(),
        parameters.isPresent() ? String.valueOf(parameters.getAsLong()) : "-",
        String.join("; ", layer.remarks()));
  }

  private static void count(List<List<String>> lines, String what, int number) {
    if (number > 0) {
      lines.add(List.of(what, String.valueOf(number)));
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
      String one = label.equals("notes") ? "note" : label;
      several.forEach(line -> lines.add(List.of(one, String.valueOf(line))));
    } else if (!String.valueOf(fact).isEmpty()) {
      lines.add(List.of(label, String.valueOf(fact)));
    }
  }

  /** Commands as one would type them. */
  static final class NextCommand {

    /** Set by the launcher to the name by which it was called. */
    private static final String LAUNCHER = "palimpsest.launcher";

    private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[\\w./:=@%+,-]+");

    private NextCommand() {}

    /** The command that does this with a file. */
    static String of(Use use, Path file) {
      return typed(
          switch (use) {
            case CAPTURE -> "capture %s --probes PROBES -o activations.npz";
            case CAPTURE_DESCRIBED ->
                "capture %s --architecture FILE.json --probes PROBES -o activations.npz";
            case COMPARE_NETWORKS -> "compare %s OTHER --probes PROBES";
            case COMPARE_ACTIVATIONS -> "compare %s OTHER";
            case DRAFT_ARCHITECTURE -> "inspect %s --draft net.json";
            case PROBES -> "capture MODEL --probes %s -o activations.npz";
            case PATCHES -> "patches --plan PLAN --preview patches.png -o probes.npy %s";
            case PREPARE_BY_PLAN -> "patches --plan %s -o probes.npy IMAGES";
            case PREPARE_BY_TRANSFORMS ->
                "patches --transforms %s --patch-size D,H,W -o probes.npy IMAGES";
            case TRACK -> "track %s -o DIR";
            case TRACK_WITH_PROBES -> "track %s --probes PROBES -o DIR";
            case WEIGHTS -> "weights %s";
            case COMPARE_WEIGHTS -> "weights-compare %s OTHER";
          },
          file);
    }

    /** The command that captures from weights whose network is described. */
    static String captureDescribed(Path weights, Path architecture) {
      return typed(
          "capture %s --architecture %s --probes PROBES -o activations.npz", weights, architecture);
    }

    private static String typed(String form, Path... files) {
      return program(System.getProperty(LAUNCHER, ""), System.getProperty("java.class.path", ""))
          + " "
          + form.formatted(Arrays.stream(files).map(NextCommand::quoted).toArray());
    }

    /**
     * What was typed to start this program.
     *
     * @param launcher empty if it was started without
     * @param classPath of this Java, which {@code -jar} sets to the file as it was given
     */
    static String program(String launcher, String classPath) {
      if (!launcher.isEmpty()) {
        return quoted(launcher);
      }
      boolean isJar = classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator);
      return "java -jar " + (isJar ? quoted(classPath) : "palimpsest.jar");
    }

    private static String quoted(Path file) {
      return quoted(file.toString());
    }

    private static String quoted(String name) {
      boolean plain = NEEDS_NO_QUOTES.matcher(name).matches();
      return plain ? name : "'" + name.replace("'", "'\\''") + "'";
    }
  }
}
