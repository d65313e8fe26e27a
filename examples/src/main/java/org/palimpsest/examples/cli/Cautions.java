package org.palimpsest.examples.cli;

import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.Set;
import org.palimpsest.core.Provenance;

/**
 * What who reads the figures of some networks should not miss.
 *
 * @param lines one for each network and caution
 */
record Cautions(Set<String> lines) {

  static Cautions of(Provenance... networks) {
    Set<String> lines = new LinkedHashSet<>();
    for (Provenance network : networks) {
      network.cautions().forEach(caution -> lines.add(network.origin() + ": " + caution));
    }
    return new Cautions(lines);
  }

  void print(PrintWriter err) {
    lines.forEach(line -> err.println("note: " + line));
  }
}
