package org.palimpsest.examples.cli;

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

  private static final String PROGRAM = "java -jar palimpsest.jar ";
  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[\\w./:=@%+,-]+");

  private final String form;

  NextCommand(String form) {
    this.form = form;
  }

  String with(Path... files) {
    return PROGRAM + form.formatted(Arrays.stream(files).map(NextCommand::quoted).toArray());
  }

  private static String quoted(Path file) {
    String name = file.toString();
    boolean plain = NEEDS_NO_QUOTES.matcher(name).matches();
    return plain ? name : "'" + name.replace("'", "'\\''") + "'";
  }
}
