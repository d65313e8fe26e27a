package org.palimpsest.io.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.evolution.CheckpointRecord;

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

  /** In the order in which the checkpoints name them. */
  static List<Group> of(List<CheckpointRecord> checkpoints) {
    Map<String, List<String>> runs = new LinkedHashMap<>();
    for (CheckpointRecord record : checkpoints) {
      List<String> members =
          runs.computeIfAbsent(record.run().initialisation(), name -> new ArrayList<>());
      if (!members.contains(record.run().name())) {
        members.add(record.run().name());
      }
    }
    return runs.entrySet().stream().map(e -> new Group(e.getKey(), e.getValue())).toList();
  }
}
