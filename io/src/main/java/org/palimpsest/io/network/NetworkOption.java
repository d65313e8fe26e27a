package org.palimpsest.io.network;

import java.util.Optional;
import java.util.function.Function;

/** One thing that may be said of a file beside its name, see {@link NetworkOptions}. */
public enum NetworkOption {
  ARCHITECTURE("--architecture", options -> options.architecture().map(Object::toString)),
  KEY("--key", NetworkOptions::key),
  FOLD("--fold", NetworkOptions::fold),
  CHECKPOINT("--checkpoint", NetworkOptions::checkpoint),
  WITHOUT_PREFIX("--without-prefix", options -> options.withoutPrefixes().stream().findFirst());

  private final String word;
  private final Function<NetworkOptions, Optional<String>> said;

  NetworkOption(String word, Function<NetworkOptions, Optional<String>> said) {
    this.word = word;
    this.said = said;
  }

  /** How it is said on the command line, such as {@code --key}. */
  public String word() {
    return word;
  }

  /** Whether these options say it. */
  public boolean isIn(NetworkOptions options) {
    return said.apply(options).isPresent();
  }
}
