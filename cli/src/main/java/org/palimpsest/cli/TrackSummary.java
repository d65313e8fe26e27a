package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionRow;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.StudyView;
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
    List<List<String>> figures = new EvolutionSummary(table, measures).lines();
    if (!figures.isEmpty()) {
      new TextColumns(2).print(figures, out);
      out.println();
    }
    WrittenFiles.print(files, out);
    PrintWriter err = line.getErr();
    table.notes().forEach(note -> err.println("note: " + note));
    warningsIn(StudyView.GROUPS).forEach(warning -> err.println("warning: groups: " + warning));
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
        "warning: %d of %d checkpoints could not be used; the rest is in the table."
            .formatted(broken.size(), table.checkpoints().size()));
    return IN_PART;
  }

  /** Each once: it stands beside the figures of many layers. */
  private List<String> warningsIn(StudyView view) {
    return table.rows(view).stream()
        .flatMap(row -> row.figure().warnings().stream())
        .distinct()
        .toList();
  }

  /** And the runs for which each was found. */
  private Map<String, Set<String>> assumedStarts() {
    Map<String, Set<String>> runs = new LinkedHashMap<>();
    for (EvolutionRow row : table.rows(StudyView.TO_START)) {
      row.figure().warnings().stream()
          .filter(warning -> warning.startsWith("Assumed start: "))
          .forEach(
              assumed ->
                  runs.computeIfAbsent(assumed, key -> new LinkedHashSet<>()).add(row.runA()));
    }
    return runs;
  }

  private static String describe(CheckpointRecord broken) {
    return "%s, step %d: %s"
        .formatted(broken.run().name(), broken.checkpoint().step(), broken.problem().orElseThrow());
  }
}
