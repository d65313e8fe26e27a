package org.palimpsest.claims;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.internal.statistics.LearningCurve;

/**
 * A training run as claims look at it.
 *
 * @param name unique among the runs
 * @param role what it is an example of
 * @param scores how well it did by step
 * @param isScoredByMasks whether they are of masks of the probes; else of the run's own log
 * @param lastCheckpoint the step of its last checkpoint, if that is known
 */
record ObservedRun(
    String name,
    RunRole role,
    SortedMap<Long, Double> scores,
    boolean isScoredByMasks,
    OptionalLong lastCheckpoint) {

  private static final int OF_A_CURVE = 3;
  private static final int OF_A_PLATEAU = 3;

  ObservedRun {
    scores.forEach((step, score) -> requireDice(name, step, score));
  }

  private static void requireDice(String run, long step, double score) {
    if (!(score >= 0 && score <= 1)) {
      throw new PalimpsestException(
          "The score of run %s at step %s is %s; a Dice coefficient lies between 0 and 1. Divide percentages by 100."
              .formatted(run, step, score));
    }
  }

  /** Its scores over training; none with fewer than three of them after the start. */
  Optional<LearningCurve> curve() {
    return trained().size() < OF_A_CURVE
        ? Optional.empty()
        : Optional.of(
            new LearningCurve(
                scores.keySet().stream().map(Long::doubleValue).toList(),
                List.copyOf(scores.values())));
  }

  /** The mean of the last three scores; of fewer the last. */
  OptionalDouble plateau() {
    return stepsOfPlateau().stream().mapToDouble(scores::get).average();
  }

  /** The steps of the scores that {@link #plateau} is of, ascending; none if there is none. */
  List<Long> stepsOfPlateau() {
    List<Long> after = List.copyOf(trained().keySet());
    int from = after.size() < OF_A_PLATEAU ? after.size() - 1 : after.size() - OF_A_PLATEAU;
    return after.subList(Math.max(0, from), after.size());
  }

  private SortedMap<Long, Double> trained() {
    return new TreeMap<>(scores).tailMap(1L);
  }

  /** How many times as long as others some runs were trained, if scores tell: {@code 8 times}. */
  static String timesAsLong(List<ObservedRun> longer, List<ObservedRun> others) {
    double ratio = lastStep(longer) / lastStep(others);
    return ratio > 1 ? "%s times as long".formatted(Math.round(ratio)) : "longer";
  }

  private static double lastStep(List<ObservedRun> runs) {
    return runs.stream()
        .filter(run -> !run.scores().isEmpty())
        .mapToLong(run -> run.scores().lastKey())
        .average()
        .orElse(Double.NaN);
  }

  static ObservedRun ofLog(String name, RunRole role, SortedMap<Long, Double> scores) {
    return new ObservedRun(name, role, scores, false, OptionalLong.empty());
  }

  ObservedRun withScoresByMasks(Map<Long, Double> other) {
    return new ObservedRun(name, role, new TreeMap<>(other), true, lastCheckpoint);
  }

  ObservedRun endingAt(long step) {
    return new ObservedRun(name, role, scores, isScoredByMasks, OptionalLong.of(step));
  }

  /** The score before training, if there is one. */
  OptionalDouble atStart() {
    return Stream.ofNullable(scores.get(0L)).mapToDouble(Double::doubleValue).findFirst();
  }
}
