package org.palimpsest.internal.text;

import java.util.List;

/** Names in a message. */
public final class Names {

  private Names() {}

  /** The first of them with commas, and how many more there are: {@code a, b and 3 more}. */
  public static String shortened(List<String> names, int most) {
    int more = names.size() - most;
    return more > 0
        ? "%s and %d more".formatted(String.join(", ", names.subList(0, most)), more)
        : String.join(", ", names);
  }
}
