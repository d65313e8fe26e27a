package org.palimpsest.io.report;

import java.util.function.Supplier;
import org.palimpsest.io.plot.Figure;

/**
 * A picture that is still to be drawn.
 *
 * @param name what its files are called, without an ending
 */
record Planned(String name, Supplier<Figure> figure) {

  /** Of words from a study what any file system takes, joined. */
  static String fileName(String... words) {
    return String.join("_", words).replaceAll("[^A-Za-z0-9._=-]", "-");
  }
}
