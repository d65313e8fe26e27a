package org.palimpsest.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.palimpsest.core.comparison.PairScore;

/**
 * What scores say beside their values, each kind once: warnings that differ in nothing but numbers
 * and layers are one kind.
 */
final class Warnings {

  private record Kind(String measure, String pattern) {}

  private static final class Seen {
    private final String example;
    private int count;

    private Seen(String example) {
      this.example = example;
    }
  }

  private final Map<Kind, Seen> seen = new LinkedHashMap<>();

  static Warnings of(Iterable<PairScore> rows) {
    Warnings warnings = new Warnings();
    rows.forEach(warnings::add);
    return warnings;
  }

  private void add(PairScore row) {
    for (String warning : row.score().diagnostics().warnings()) {
      String pattern = warning.replaceAll("'[^']*'", "'…'").replaceAll("[0-9]+(\\.[0-9]+)?", "0");
      seen.computeIfAbsent(
              new Kind(row.measure(), pattern), kind -> new Seen(describe(row, warning)))
          .count++;
    }
  }

  private static String describe(PairScore row, String warning) {
    return "%s of %s and %s: %s".formatted(row.measure(), row.layerA(), row.layerB(), warning);
  }

  private static String more(int pairs) {
    return " (and %d more %s)".formatted(pairs, pairs == 1 ? "pair" : "pairs");
  }

  /** Gives each kind as one line, with the first pair that it concerns. */
  void tell(Consumer<String> listener) {
    for (Seen kind : seen.values()) {
      String others = kind.count == 1 ? "" : more(kind.count - 1);
      listener.accept("warning: " + kind.example + others);
    }
  }
}
