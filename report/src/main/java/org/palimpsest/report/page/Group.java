package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Study;

/**
 * The runs of one initialisation.
 *
 * @param name the initialisation
 * @param runs their names
 */
record Group(String name, List<String> runs) {

  Group {
    runs = List.copyOf(runs);
  }

  /**
   * In the order in which the checkpoints name them, the source of the others last, so that groups
   * keep their colours where it has no figures.
   */
  static List<Group> of(EvolutionTable table) {
    Map<String, List<String>> runs = new LinkedHashMap<>();
    for (CheckpointRecord record : table.checkpoints()) {
      List<String> members =
          runs.computeIfAbsent(record.run().initialisation(), name -> new ArrayList<>());
      if (!members.contains(record.run().name())) {
        members.add(record.run().name());
      }
    }
    Set<String> sources = new HashSet<>();
    table.rows(Study.View.TO_SOURCE).forEach(row -> sources.add(row.runB()));
    return runs.entrySet().stream()
        .map(e -> new Group(e.getKey(), e.getValue()))
        .sorted(Comparator.comparing(group -> sources.containsAll(group.runs())))
        .toList();
  }
}
