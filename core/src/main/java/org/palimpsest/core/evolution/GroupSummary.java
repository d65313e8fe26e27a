package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Sums up the comparisons of final networks: how alike are runs of one group, of two groups, and is
 * there a difference between the two?
 *
 * <p>A group is the runs of one initialisation. For each layer and measure there are three kinds of
 * rows:
 *
 * <ul>
 *   <li>the mean within a group or between two, with a 95% interval from a bootstrap over runs (not
 *       over pairs, which share runs and are not independent); n is the number of pairs;
 *   <li>{@code measure difference}: the mean within the first group minus the mean within the
 *       second; n is the number of runs;
 *   <li>{@code measure p_value}: how often a random division of these runs into two such groups
 *       makes a difference at least as large either way; n is the number of divisions tried.
 * </ul>
 *
 * <p>A measure that is not symmetric counts with the mean of both directions; figures of weights
 * that are not are left out, and so are figures that are p-values themselves. Nothing depends on
 * how runs are called or in which order they stand.
 */
final class GroupSummary {

  private static final String P_VALUE = " p_value";

  private record Subject(String layer, String measure) {}

  private final Map<String, List<String>> runsByGroup = new LinkedHashMap<>();

  private final Map<Subject, PairValues> bySubject = new LinkedHashMap<>();

  /**
   * @param contentAtEnd what a run's last checkpoint holds, by which runs are ordered: resampled
   *     are those at certain places, which must not depend on names
   */
  GroupSummary(List<TrainingRun> runs, Function<TrainingRun, String> contentAtEnd) {
    runs.forEach(run -> runsByGroup.put(run.initialisation(), new ArrayList<>()));
    runs.stream()
        .sorted(Comparator.comparing(contentAtEnd))
        .forEach(
            run -> Objects.requireNonNull(runsByGroup.get(run.initialisation())).add(run.name()));
  }

  /** A figure of one direction; that of the other is to come as well. */
  void add(EvolutionRow row) {
    values(row).put(row.runA(), row.runB(), row.figure().value());
  }

  /** A figure that is the same in both directions. */
  void addSymmetric(EvolutionRow row) {
    values(row).putBothWays(row.runA(), row.runB(), row.figure().value());
  }

  private PairValues values(EvolutionRow row) {
    return bySubject.computeIfAbsent(
        new Subject(row.layerA(), row.measure()), s -> new PairValues());
  }

  List<EvolutionRow> rows() {
    List<EvolutionRow> rows = new ArrayList<>();
    bySubject.forEach((subject, values) -> summarise(subject, values, rows));
    return rows;
  }

  private void summarise(Subject subject, PairValues values, List<EvolutionRow> rows) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    runsByGroup.forEach(
        (group, runs) -> groups.put(group, runs.stream().filter(values::knows).toList()));
    Set<String> done = new LinkedHashSet<>();
    groups.forEach(
        (first, firstRuns) -> {
          done.add(first);
          mean(subject, first, firstRuns, first, firstRuns, values, rows);
          groups.forEach(
              (second, secondRuns) -> {
                if (!done.contains(second)) {
                  mean(subject, first, firstRuns, second, secondRuns, values, rows);
                  difference(subject, first, firstRuns, second, secondRuns, values, rows);
                }
              });
        });
  }

  private static void mean(
      Subject subject,
      String first,
      List<String> firstRuns,
      String second,
      List<String> secondRuns,
      PairValues values,
      List<EvolutionRow> rows) {
    RunPairs pairs = new RunPairs(firstRuns, secondRuns, first.equals(second), values);
    if (pairs.count() > 0) {
      rows.add(row(subject, "", first, second, pairs.meanWithInterval()));
    }
  }

  private static void difference(
      Subject subject,
      String first,
      List<String> firstRuns,
      String second,
      List<String> secondRuns,
      PairValues values,
      List<EvolutionRow> rows) {
    if (firstRuns.size() < 2 || secondRuns.size() < 2) {
      return;
    }
    GroupPermutation test = new GroupPermutation(firstRuns, secondRuns, values);
    rows.add(row(subject, " difference", first, second, test.difference()));
    rows.add(row(subject, P_VALUE, first, second, test.pValue()));
  }

  private static EvolutionRow row(
      Subject subject, String suffix, String first, String second, Figure figure) {
    return new EvolutionRow(
        StudyView.GROUPS,
        first,
        OptionalLong.empty(),
        subject.layer(),
        second,
        OptionalLong.empty(),
        subject.layer(),
        subject.measure() + suffix,
        figure);
  }
}
