package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.palimpsest.report.plot.Figure;

/**
 * A picture that is still to be drawn.
 *
 * @param name what its files are called, without an ending
 */
record Planned(String name, Supplier<Figure> figure) {

  private static final int LONGEST_NAME = 180;

  /** Of words from a study what any file system takes, joined. */
  static String fileName(String... words) {
    String name = String.join("_", words).replaceAll("[^A-Za-z0-9._=-]", "-");
    return name.substring(0, Math.min(LONGEST_NAME, name.length()));
  }

  /** The same pictures; of several with one name the later ones get numbers. */
  static List<Planned> withNamesOfTheirOwn(List<Planned> pictures) {
    Set<String> taken = new HashSet<>();
    List<Planned> renamed = new ArrayList<>();
    for (Planned picture : pictures) {
      String name = picture.name();
      for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
        name = picture.name() + "-" + i;
      }
      renamed.add(new Planned(name, picture.figure()));
    }
    return renamed;
  }
}
