package org.palimpsest.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What can be done with a file, as one would type it. */
enum NextCommand {
  CAPTURE("capture %s --probes PROBES -o activations.npz"),
  CAPTURE_DESCRIBED("capture %s --architecture %s --probes PROBES -o activations.npz"),
  COMPARE_MODELS("compare %s OTHER --probes PROBES"),
  COMPARE("compare %s OTHER"),
  DRAFT("inspect %s --draft net.json"),
  AS_PROBES("capture MODEL --probes %s -o activations.npz"),
  TRACK("track %s -o DIR"),
  TRACK_SHOWING("track %s --probes PROBES -o DIR"),
  WEIGHTS("weights %s"),
  WEIGHTS_COMPARE("weights-compare %s OTHER");

  /** Set by the launcher to the name by which it was called. */
  private static final String LAUNCHER = "palimpsest.launcher";

  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[\\w./:=@%+,-]+");

  private final String form;

  NextCommand(String form) {
    this.form = form;
  }

  String with(Path... files) {
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
