package org.palimpsest.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.internal.file.FileKind;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Sees to it that no command replaces what it reads.
 *
 * <p>Files are the same if they are so on the disk, whatever their names: symbolic and hard links
 * are followed. Of a folder that is read, the files count that such a folder is read for; of a
 * file, also those that belong to it: the plans of a checkpoint, and what a model or a list names.
 */
final class SeparateFiles {

  private static final Set<String> OUTPUTS =
      Set.of("--output", "--draft", "--preview", "--stages", "--networks");
  private static final Set<String> OF_IMAGES = Set.of("PROBES", "MASKS", "IMAGES");
  private static final Set<String> OF_PLANS = Set.of("PLAN", "FILE.json");

  private static final Pattern IMAGE =
      Pattern.compile(".*\\.(png|tiff?|gif|jpe?g|nii|nii\\.gz)", Pattern.CASE_INSENSITIVE);
  private static final Pattern RESULT =
      Pattern.compile(".*\\.(csv|svg|png|html|npz|jsonl?)", Pattern.CASE_INSENSITIVE);
  private static final Set<String> PLANS = Set.of("plans.json", "dataset.json");
  private static final String CONFIGURATIONS = "configs";

  /** In JSON a quotation mark, in ONNX the key of a place and its length; then folders. */
  private static final Pattern BEFORE_A_NAME =
      Pattern.compile("(?s)(?:\"|location\\x12.{1,2})(?:[^\"\\x00-\\x1f]{0,500}[/\\\\])?\\z");

  private static final int DEEPEST = 8;
  private static final int MOST_ENTRIES = 200_000;
  private static final int BLOCK = 1 << 20;
  private static final int LONGEST_PLACE = 1 << 10;

  private final ParseResult parsed;
  private final Map<Object, Path> outputs = new HashMap<>();

  private SeparateFiles(ParseResult parsed) {
    this.parsed = parsed;
  }

  /**
   * Compares what a command would write with what it would read.
   *
   * @throws ParameterException if a file is both, or is written twice
   */
  static void require(ParseResult all) {
    new SeparateFiles(innermost(all)).require(outputs(all));
  }

  /** What a command will write, as far as that is known before it runs. */
  static List<Path> outputs(ParseResult all) {
    boolean help = asksForHelp(all);
    for (ParseResult parsed = all; parsed.hasSubcommand(); parsed = parsed.subcommand()) {
      help |= asksForHelp(parsed.subcommand());
    }
    return !help && innermost(all).commandSpec().userObject() instanceof WritesFiles command
        ? command.outputs()
        : List.of();
  }

  /** Of the command that runs, not of those that it is a part of. */
  static ParseResult innermost(ParseResult all) {
    ParseResult parsed = all;
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    return parsed;
  }

  /** Then options that a command must have may be missing. */
  private static boolean asksForHelp(ParseResult parsed) {
    return parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested();
  }

  private void require(List<Path> written) {
    Set<Path> names = new HashSet<>();
    for (Path output : written) {
      Path place = output.toAbsolutePath().normalize(); // as it is written, links or not
      if (!names.add(place)) {
        throw wrongUse(output + " is the name of two outputs");
      }
      identity(place).ifPresent(there -> outputs.put(there, output));
    }
    if (outputs.isEmpty()) {
      return;
    }
    for (ArgSpec argument : parsed.matchedArgs()) {
      inputs(argument).forEach(input -> requireApart(input, argument.paramLabel()));
    }
  }

  private static List<Path> inputs(ArgSpec argument) {
    boolean written =
        argument instanceof OptionSpec option && OUTPUTS.contains(option.longestName());
    boolean path = List.of(argument.auxiliaryTypes()).contains(Path.class);
    boolean probes = argument.paramLabel().equals("PROBES");
    List<Path> inputs = new ArrayList<>();
    if (written || !path && !probes) {
      return inputs;
    }
    for (String value : argument.stringValues()) {
      try {
        inputs.add(probes ? ProbePlace.of(value).file() : Path.of(value));
      } catch (InvalidPathException said) {
        // by what opens it
      }
    }
    return inputs;
  }

  private void requireApart(Path input, String label) {
    refuseIfWritten(input, input);
    if (Files.isDirectory(input)) {
      members(input, label);
      return;
    }
    Path folder = input.toAbsolutePath().getParent();
    for (int above = 0; folder != null && above < 2; above++) {
      for (String plan : PLANS) {
        refuseIfWritten(folder.resolve(plan), input);
      }
      folder = folder.getParent();
    }
    named(input);
  }

  private void refuseIfWritten(Path file, Path input) {
    Optional<Path> output = identity(file).map(outputs::get);
    if (output.isPresent()) {
      throw refusal(output.get(), file, input);
    }
  }

  private ParameterException refusal(Path output, Path file, Path input) {
    boolean same = file.equals(input) || file.equals(output);
    return wrongUse(
        same
            ? "%s is read by this command (as %s) and would be replaced".formatted(output, input)
            : "%s is read by this command (as %s of %s) and would be replaced"
                .formatted(output, file, input));
  }

  private ParameterException wrongUse(String what) {
    return new ParameterException(
        parsed.commandSpec().commandLine(),
        what + "; nothing was written. Give the output another name.");
  }

  /** The same for the same file under any name; nothing if there is none. */
  private static Optional<Object> identity(Path file) {
    try {
      return Optional.of(identity(file, Files.readAttributes(file, BasicFileAttributes.class)));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static Object identity(Path file, BasicFileAttributes attributes) throws IOException {
    Object key = attributes.fileKey();
    return key == null ? file.toRealPath() : key;
  }

  private void members(Path folder, String label) {
    try {
      Files.walkFileTree(
          folder, Set.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, new Members(folder, label));
    } catch (IOException said) {
      return; // by what reads the folder
    }
  }

  private final class Members extends SimpleFileVisitor<Path> {

    private final Path folder;
    private final String label;
    private int entries;

    Members(Path folder, String label) {
      this.folder = folder;
      this.label = label;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Path output = outputs.get(identity(file, attributes));
      if (output != null && isRead(file)) {
        throw refusal(output, file, folder);
      }
      entries++;
      return entries < MOST_ENTRIES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    /** Results that lie in the folder since the command ran before may be replaced. */
    private boolean isRead(Path file) {
      String name = String.valueOf(file.getFileName());
      if (OF_IMAGES.contains(label)) {
        return IMAGE.matcher(name).matches();
      }
      if (PLANS.contains(name) || file.resolveSibling("").endsWith(CONFIGURATIONS)) {
        return true;
      }
      boolean array = OF_PLANS.contains(label) && name.endsWith(".npy");
      return !array && !RESULT.matcher(name).matches();
    }
  }

  /** What a model of ONNX or a JSON file names is read as well. */
  private void named(Path input) {
    List<Path> files = outputs.values().stream().filter(Files::isRegularFile).toList();
    if (files.isEmpty() || !Files.isRegularFile(input) || !namesOthers(input)) {
      return;
    }
    try (InputStream in = Files.newInputStream(input)) {
      String text = "";
      for (byte[] block = in.readNBytes(BLOCK); block.length > 0; block = in.readNBytes(BLOCK)) {
        String end = text.substring(Math.max(0, text.length() - LONGEST_PLACE));
        text = end + new String(block, StandardCharsets.ISO_8859_1);
        for (Path output : files) {
          if (isNamed(output, text)) {
            throw refusal(output, output, input);
          }
        }
      }
    } catch (IOException said) {
      return; // by what reads it
    }
  }

  private static boolean namesOthers(Path input) {
    try {
      return FileKind.of(input) == FileKind.ONNX || String.valueOf(input).endsWith(".json");
    } catch (RuntimeException said) {
      return false; // by what reads it
    }
  }

  private static boolean isNamed(Path output, String text) {
    byte[] bytes = String.valueOf(output.getFileName()).getBytes(StandardCharsets.UTF_8);
    String name = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      String before = text.substring(Math.max(0, at - LONGEST_PLACE / 2 - 8), at);
      if (BEFORE_A_NAME.matcher(before).find()) {
        return true;
      }
    }
    return false;
  }
}
