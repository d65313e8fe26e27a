package org.palimpsest.claims;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.similarity.internal.statistics.LearningCurve;
import org.palimpsest.similarity.internal.statistics.SpeedUp;

/**
 * The transferred and the random runs of one condition, as far as their scores are known.
 *
 * @param condition what they share
 * @param transferred those that started from a source
 * @param random those that started at random
 * @param leftOut which transferred networks are not among them
 */
record Arms(
    TrainingCondition condition,
    List<ObservedRun> transferred,
    List<ObservedRun> random,
    List<String> leftOut) {

  static Arms of(Observations observations, TrainingCondition condition) {
    return new Arms(
        condition,
        scored(observations.independent(condition)),
        scored(observations.random(condition)),
        observations.leftOut(condition));
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
    return Stream.of(leftOut, pairing().unused(), LastScores.told(condition, runs()))
        .flatMap(List::stream)
        .toList();
  }

  private List<ObservedRun> runs() {
    return Stream.concat(transferred.stream(), random.stream()).toList();
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
