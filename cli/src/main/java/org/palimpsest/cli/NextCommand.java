package org.palimpsest.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.palimpsest.io.inspect.Use;

/** Commands as one would type them. */
final class NextCommand {

  /** Set by the launcher to the name by which it was called. */
  private static final String LAUNCHER = "palimpsest.launcher";

  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[\\w./:=@%+,-]+");

  private NextCommand() {}

  /** The command that does this with a file. */
  static String of(Use use, Path file) {
    return typed(
        switch (use) {
          case CAPTURE -> "capture %s --probes PROBES -o activations.npz";
          case COMPARE_NETWORKS -> "compare %s OTHER --probes PROBES";
          case COMPARE_ACTIVATIONS -> "compare %s OTHER";
          case DRAFT_ARCHITECTURE -> "inspect %s --draft net.json";
          case PROBES -> "capture MODEL --probes %s -o activations.npz";
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
