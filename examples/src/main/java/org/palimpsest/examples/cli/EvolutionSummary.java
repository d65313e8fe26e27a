package org.palimpsest.examples.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionRow;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.StudyView;

/**
 * What a study found out in a few lines: each layer's final network held against its own start, as
 * a mean over the runs of each initialisation.
 *
 * @param table what it found out
 * @param measures of which measures
 */
record EvolutionSummary(EvolutionTable table, Set<String> measures) {

  private static final String CAPTION = "LAST AGAINST FIRST";

  /** A header and a line per measure and layer; none if that view was not asked for. */
  List<List<String>> lines() {
    Map<String, Long> lastSteps =
        table.checkpoints().stream()
            .filter(c -> c.problem().isEmpty())
            .collect(Collectors.toMap(c -> c.run().name(), c -> c.checkpoint().step(), Math::max));
    Map<List<String>, Map<String, List<Double>>> values = new LinkedHashMap<>();
    Set<String> groups = new LinkedHashSet<>();
    Map<String, String> groupOf = groups();
    for (EvolutionRow row : table.rows(StudyView.TO_START)) {
      Long last = lastSteps.get(row.runA());
      if (measures.contains(row.measure())
          && last != null
          && row.stepA().orElseThrow() == last) {
        String group = groupOf.getOrDefault(row.runA(), row.runA());
        groups.add(group);
        values
            .computeIfAbsent(List.of(row.measure(), row.layerA()), key -> new LinkedHashMap<>())
            .computeIfAbsent(group, key -> new ArrayList<>())
            .add(row.figure().value());
      }
    }
    return table(values, List.copyOf(groups));
  }

  private Map<String, String> groups() {
    return table.checkpoints().stream()
        .map(CheckpointRecord::run)
        .collect(
            Collectors.toMap(run -> run.name(), run -> run.initialisation(), (one, same) -> one));
  }

  private static List<List<String>> table(
      Map<List<String>, Map<String, List<Double>>> values, List<String> groups) {
    List<List<String>> lines = new ArrayList<>();
    if (values.isEmpty()) {
      return lines;
    }
    List<String> header = new ArrayList<>(List.of(CAPTION, "LAYER"));
    header.addAll(groups);
    lines.add(header);
    values.forEach(
        (key, byGroup) -> {
          List<String> line = new ArrayList<>(key);
          groups.forEach(group -> line.add(mean(byGroup.getOrDefault(group, List.of()))));
          lines.add(line);
        });
    return lines;
  }

  private static String mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().stream()
        .mapToObj(mean -> String.format(Locale.ROOT, "%.4f", mean))
        .findFirst()
        .orElse("-");
  }
}
