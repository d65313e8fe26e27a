package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.internal.statistics.SpeedUp.RunCounts;

/**
 * Runs of a condition that learned nothing to speak of: their last scores are below half of the
 * median of their arm, transferred or random. They are counted and left out, so that what is judged
 * holds given that training succeeds. An arm that is bad as a whole is a result and no collapse.
 * Runs that were scored by masks and runs that were scored by their logs are two arms here.
 *
 * @param condition of the runs
 * @param runs those that collapsed
 * @param counts of the two arms, if both have scores
 */
record Collapse(TrainingCondition condition, List<ObservedRun> runs, Optional<RunCounts> counts) {

  private static final double SHARE = 0.5;
  private static final int FEWEST = 3;

  Collapse {
    runs = List.copyOf(runs);
  }

  static Collapse in(Observations observations, TrainingCondition condition) {
    List<ObservedRun> transferred = Arms.scored(observations.in(condition, RunRole::isTransferred));
    List<ObservedRun> random = Arms.scored(observations.in(condition, RunRole::isRandom));
    List<ObservedRun> lowTransferred = lowOfEachScore(transferred);
    List<ObservedRun> lowRandom = lowOfEachScore(random);
    List<ObservedRun> low = new ArrayList<>(lowTransferred);
    low.addAll(lowRandom);
    Optional<RunCounts> counts =
        transferred.isEmpty() || random.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new RunCounts(
                    lowTransferred.size(), transferred.size(), lowRandom.size(), random.size()));
    return new Collapse(condition, low, counts);
  }

  /**
   * Scores of a log and those by masks are of other images, and are not held against each other.
   */
  private static List<ObservedRun> lowOfEachScore(List<ObservedRun> arm) {
    List<ObservedRun> low = new ArrayList<>();
    for (List<ObservedRun> alike :
        arm.stream().collect(Collectors.partitioningBy(ObservedRun::isScoredByMasks)).values()) {
      low.addAll(low(alike));
    }
    return low;
  }

  private static List<ObservedRun> low(List<ObservedRun> arm) {
    if (arm.size() < FEWEST) {
      return List.of();
    }
    double[] sorted = arm.stream().mapToDouble(Collapse::plateau).sorted().toArray();
    double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    return arm.stream().filter(run -> plateau(run) < SHARE * median).toList();
  }

  private static double plateau(ObservedRun run) {
    return run.plateau().orElseThrow();
  }

  List<ObservedRun> without(List<ObservedRun> arm) {
    return runs.isEmpty() ? arm : arm.stream().filter(run -> !runs.contains(run)).toList();
  }

  /** What to know of it; empty if nothing collapsed. */
  List<String> told() {
    if (runs.isEmpty()) {
      return List.of();
    }
    String compared =
        counts
            .map(
                both ->
                    " Of the transferred networks %s of %s did, of the random ones %s of %s (Fisher's exact test, two-sided: p %s)."
                        .formatted(
                            both.hits(),
                            both.runs(),
                            both.otherHits(),
                            both.otherRuns(),
                            Numbers.equalTo(both.p())))
            .orElse("");
    return List.of(
        "Collapsed (%s): the last scores of %s are below half of the median of their arm.%s They are left out: figures hold given that training succeeds."
            .formatted(
                condition.words(),
                String.join(", ", runs.stream().map(ObservedRun::name).toList()),
                compared));
  }
}
