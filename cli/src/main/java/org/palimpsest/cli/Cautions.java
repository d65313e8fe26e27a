package org.palimpsest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.Provenance;

/**
 * What who reads the figures of some networks should not miss.
 *
 * @param lines one for each caution, whichever networks it is of
 */
record Cautions(List<String> lines) {

  static Cautions of(Provenance... networks) {
    Map<String, Set<String>> origins = new LinkedHashMap<>();
    for (Provenance network : networks) {
      network
          .cautions()
          .forEach(
              caution ->
                  origins
                      .computeIfAbsent(caution, c -> new LinkedHashSet<>())
                      .add(network.origin()));
    }
    List<String> lines = new ArrayList<>();
    origins.forEach((caution, of) -> lines.add(String.join(" and ", of) + ": " + caution));
    return new Cautions(lines);
  }

  void print(PrintWriter err) {
    lines.forEach(line -> err.println("note: " + line));
  }
}
