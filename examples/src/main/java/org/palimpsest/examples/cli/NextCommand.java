package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** What can be done with a file, as one would type it. */
enum NextCommand {
  CAPTURE("capture %s --probes PROBES -o activations.npz"),
  COMPARE_MODELS("compare %s OTHER --probes PROBES"),
  COMPARE("compare %s OTHER"),
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

  String with(Path file) {
    String name = file.toString();
    boolean plain = NEEDS_NO_QUOTES.matcher(name).matches();
    return PROGRAM + form.formatted(plain ? name : "'" + name.replace("'", "'\\''") + "'");
  }
}
