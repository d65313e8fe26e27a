package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.internal.text.Names;
import picocli.CommandLine;

/**
 * What a study came to, for who started it.
 *
 * @param table what it found out
 * @param measures of which it prints figures
 * @param files where it wrote that
 * @param unread files that should be checkpoints and could not be read
 */
record TrackSummary(
    EvolutionTable table, Set<String> measures, List<Path> files, List<String> unread) {

  /** Some checkpoints gave no figures; the rest is in the table. */
  static final int IN_PART = 3;

  private static final int MOST_NAMED = 3;

  /** Prints figures and files; warns of checkpoints that gave none. */
  int print(CommandLine line) {
    PrintWriter out = line.getOut();
    List<List<String>> figures = figures();
    if (!figures.isEmpty()) {
      new TextColumns(2).print(figures, out);
      out.println();
    }
    WrittenFiles.print(files, out);
    PrintWriter err = line.getErr();
    table.notes().forEach(note -> err.println("note: " + note));
    warningsIn(Study.View.GROUPS).forEach(warning -> err.println("warning: groups: " + warning));
    assumedStarts()
        .forEach(
            (assumed, runs) ->
                err.println(
                    "note: randomness of filters of %s: %s"
                        .formatted(Names.shortened(List.copyOf(runs), MOST_NAMED), assumed)));
    List<CheckpointRecord> broken = table.broken();
    broken.forEach(c -> err.println("warning: " + describe(c)));
    unread.forEach(why -> err.println("warning: left out: " + why));
    if (broken.isEmpty()) {
      return unread.isEmpty() ? 0 : IN_PART;
    }
    err.println(
        "warning: %s of %s checkpoints could not be used; the rest is in the table."
            .formatted(broken.size(), table.checkpoints().size()));
    return IN_PART;
  }

  /** Each once: it stands beside the figures of many layers. */
  private List<String> warningsIn(Study.View view) {
    return table.rows(view).stream()
        .flatMap(row -> row.measurement().warnings().stream())
        .distinct()
        .toList();
  }

  /** And the runs for which each was found. */
  private Map<String, Set<String>> assumedStarts() {
    Map<String, Set<String>> runs = new LinkedHashMap<>();
    for (EvolutionTable.Row row : table.rows(Study.View.TO_START)) {
      row.measurement().warnings().stream()
          .filter(warning -> warning.startsWith("Assumed start: "))
          .forEach(
              assumed ->
                  runs.computeIfAbsent(assumed, key -> new LinkedHashSet<>()).add(row.runA()));
    }
    return runs;
  }

  private static String describe(CheckpointRecord broken) {
    return "%s, step %s: %s"
        .formatted(broken.run().name(), broken.checkpoint().step(), broken.problem().orElseThrow());
  }

  /**
   * Each layer's final network held against its own start, or where nothing is held against starts,
   * final networks against each other, as a mean over the runs of each initialisation: a header and
   * a line per measure and layer; none if neither view was asked for.
   */
  private List<List<String>> figures() {
    Map<String, Long> lastSteps =
        table.checkpoints().stream()
            .filter(c -> c.problem().isEmpty())
            .collect(Collectors.toMap(c -> c.run().name(), c -> c.checkpoint().step(), Math::max));
    List<List<String>> change =
        lines(
            "LAST AGAINST FIRST",
            Study.View.TO_START,
            row -> row.stepA().equals(lastStep(lastSteps, row.runA())));
    Map<String, String> groups = groups();
    return change.isEmpty()
        ? lines(
            "LAST OF ANY TWO RUNS",
            Study.View.FINALS,
            row -> Objects.equals(groups.get(row.runA()), groups.get(row.runB())))
        : change;
  }

  private static OptionalLong lastStep(Map<String, Long> lastSteps, String run) {
    Long step = lastSteps.get(run);
    return step == null ? OptionalLong.empty() : OptionalLong.of(step);
  }

  private List<List<String>> lines(
      String caption, Study.View view, Predicate<EvolutionTable.Row> counts) {
    Map<List<String>, Map<String, List<Double>>> values = new LinkedHashMap<>();
    Set<String> groups = new LinkedHashSet<>();
    Map<String, String> groupOf = groups();
    for (EvolutionTable.Row row : table.rows(view)) {
      if (measures.contains(row.measure()) && counts.test(row)) {
        String group = groupOf.getOrDefault(row.runA(), row.runA());
        groups.add(group);
        values
            .computeIfAbsent(List.of(row.measure(), row.layerA()), key -> new LinkedHashMap<>())
            .computeIfAbsent(group, key -> new ArrayList<>())
            .add(row.measurement().value());
      }
    }
    return table(caption, values, List.copyOf(groups));
  }

  private Map<String, String> groups() {
    return table.checkpoints().stream()
        .map(CheckpointRecord::run)
        .collect(
            Collectors.toMap(run -> run.name(), run -> run.initialisation(), (one, same) -> one));
  }

  private static List<List<String>> table(
      String caption, Map<List<String>, Map<String, List<Double>>> values, List<String> groups) {
    List<List<String>> lines = new ArrayList<>();
    if (values.isEmpty()) {
      return lines;
    }
    List<String> header = new ArrayList<>(List.of(caption, "LAYER"));
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
