package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.similarity.statistics.LearningCurve;
import org.palimpsest.similarity.statistics.SpeedUp;

/**
 * The transferred and the random runs of one condition, as far as their scores are known.
 *
 * @param condition what they share
 * @param transferred those that started from a source
 * @param random those that started at random
 * @param remarks which transferred networks are not among them, and what else a reader should know
 */
record Arms(
    TrainingCondition condition,
    List<ObservedRun> transferred,
    List<ObservedRun> random,
    List<String> remarks) {

  private static final int MOST_NAMED = 3;

  static Arms of(Observations observations, TrainingCondition condition) {
    List<ObservedRun> transferred = scored(observations.independent(condition));
    List<ObservedRun> random = scored(observations.random(condition));
    List<String> remarks = new ArrayList<>(observations.leftOut(condition));
    remarks.addAll(otherEnds(condition, List.of(transferred, random)));
    return new Arms(condition, transferred, random, List.copyOf(remarks));
  }

  /** What to know where the last scores of runs that are compared are of different steps. */
  static List<String> otherEnds(TrainingCondition condition, List<List<ObservedRun>> arms) {
    SortedMap<Long, List<String>> ends = new TreeMap<>();
    for (List<ObservedRun> arm : arms) {
      for (ObservedRun run : scored(arm)) {
        ends.computeIfAbsent(run.scores().lastKey(), step -> new ArrayList<>()).add(run.name());
      }
    }
    if (ends.size() < 2) {
      return List.of();
    }
    List<String> told = new ArrayList<>();
    ends.forEach((step, runs) -> told.add("step %s of %s".formatted(step, some(runs))));
    return List.of(
        "Last scores of different steps are compared (%s): %s. A difference between runs may be one of how long they were trained, or of how long their scores were kept."
            .formatted(condition.words(), String.join("; ", told)));
  }

  private static String some(List<String> runs) {
    String named = runs.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = runs.size() - MOST_NAMED;
    return more > 0 ? "%s and %s more".formatted(named, more) : named;
  }

  static List<ObservedRun> scored(List<ObservedRun> runs) {
    return runs.stream().filter(run -> run.plateau().isPresent()).toList();
  }

  /** In the order of their pairs if the design pairs them. */
  static double[] plateaus(List<ObservedRun> runs) {
    return RunPairing.inOrder(runs).stream()
        .mapToDouble(run -> run.plateau().orElseThrow())
        .toArray();
  }

  static List<LearningCurve> curves(List<ObservedRun> runs) {
    return runs.stream().map(ObservedRun::curve).flatMap(Optional::stream).toList();
  }

  /** Of the curves of both arms; within pairs where the design pairs all runs that have one. */
  SpeedUp speedUp() {
    SpeedUp speed =
        SpeedUp.of(curves(RunPairing.inOrder(random)), curves(RunPairing.inOrder(transferred)));
    boolean complete =
        curves(random).size() == random.size() && curves(transferred).size() == transferred.size();
    return complete && pairing().isGiven() ? speed.inSeed() : speed;
  }

  /** How many sources the transferred runs started from. */
  long sources() {
    return transferred.stream().flatMap(run -> run.role().source().stream()).distinct().count();
  }

  RunPairing pairing() {
    return RunPairing.of(List.of(random, transferred));
  }

  /** What a reader should know of which runs are compared, and how. */
  List<String> caveats() {
    return Stream.concat(remarks.stream(), pairing().unused().stream()).toList();
  }

  boolean isEmpty() {
    return transferred.isEmpty() || random.isEmpty();
  }

  /** What to draw of them. */
  List<Finding.Curve> drawn() {
    return Stream.concat(
            transferred.stream()
                .map(
                    run ->
                        new Finding.Curve(
                            condition.words(), "transferred", run.name(), run.scores())),
            random.stream()
                .map(
                    run ->
                        new Finding.Curve(condition.words(), "random", run.name(), run.scores())))
        .toList();
  }
}
