package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.io.runs.RunRole;

/**
 * Whether the last scores of runs that are compared are of the same steps, and of the networks that
 * their last checkpoints hold.
 */
final class LastScores {

  private static final int MOST_NAMES = 8;

  /** What scores are held against each other in a condition; claims take others beside. */
  private static final List<Predicate<RunRole>> KINDS =
      List.of(
          RunRole::isTransferred,
          RunRole::isRandom,
          RunRole::isFrozenRandomEncoder,
          RunRole::floor);

  private LastScores() {}

  /** What is to be known of the scores of all conditions in which some are compared. */
  static List<String> in(Observations observations) {
    List<String> lines = new ArrayList<>();
    for (TrainingCondition condition : TrainingCondition.all(observations.runs())) {
      List<List<ObservedRun>> kinds =
          KINDS.stream()
              .map(kind -> observations.in(condition, kind))
              .filter(runs -> !Arms.scored(runs).isEmpty())
              .toList();
      if (kinds.size() > 1) {
        List<ObservedRun> runs = kinds.stream().flatMap(List::stream).distinct().toList();
        lines.addAll(told(condition, Arms.scored(runs)));
        unscored(condition, runs).ifPresent(lines::add);
      }
    }
    return lines;
  }

  /** What is to be known of the last scores of runs that a claim compares; all have some. */
  static List<String> told(TrainingCondition condition, List<ObservedRun> scored) {
    return Stream.concat(
            ofDifferentSteps(condition, scored).stream(),
            ofOtherThanLastCheckpoints(condition, scored).stream())
        .toList();
  }

  private static Optional<String> ofDifferentSteps(
      TrainingCondition condition, List<ObservedRun> scored) {
    Map<List<Long>, List<ObservedRun>> bySteps = grouped(scored, ObservedRun::stepsOfPlateau);
    if (bySteps.size() < 2) {
      return Optional.empty();
    }
    List<String> groups = new ArrayList<>();
    bySteps.forEach((steps, runs) -> groups.add("%s %s".formatted(names(runs), words(steps))));
    return Optional.of(
        "Last scores that are compared are not of the same steps%s: %s. Networks that were trained for longer usually score higher, and figures of scores mix that with what they are about: give all runs scores of the same steps."
            .formatted(condition.bracketed(), String.join("; ", groups)));
  }

  /** {@code of step 50}, or the mean of three. */
  private static String words(List<Long> steps) {
    return steps.size() == 1
        ? "at step %s".formatted(steps.get(0))
        : "at steps %s (their mean)"
            .formatted(steps.stream().map(String::valueOf).collect(Collectors.joining(", ")));
  }

  private static Optional<String> ofOtherThanLastCheckpoints(
      TrainingCondition condition, List<ObservedRun> scored) {
    List<ObservedRun> others =
        scored.stream()
            .filter(run -> run.lastCheckpoint().isPresent())
            .filter(run -> run.lastCheckpoint().getAsLong() != run.scores().lastKey())
            .toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    List<String> groups = new ArrayList<>();
    grouped(others, LastScores::ends)
        .forEach((ends, runs) -> groups.add("%s %s".formatted(names(runs), ends)));
    return Optional.of(
        "Last scores and last checkpoints are of different steps%s: %s. Figures of scores and those of weights and representations are then of different networks."
            .formatted(condition.bracketed(), String.join("; ", groups)));
  }

  private static String ends(ObservedRun run) {
    return "score of step %s, checkpoint of step %s"
        .formatted(run.scores().lastKey(), run.lastCheckpoint().orElseThrow());
  }

  private static Optional<String> unscored(TrainingCondition condition, List<ObservedRun> runs) {
    List<String> without =
        grouped(
                runs.stream().filter(run -> run.plateau().isEmpty()).toList(),
                run -> run.scores().isEmpty() ? "no score" : "a score of step 0 alone")
            .entrySet()
            .stream()
            .map(some -> "%s (%s)".formatted(names(some.getValue()), some.getKey()))
            .toList();
    return without.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Figures of scores are without these runs, which have no score after step 0%s: %s."
                .formatted(condition.bracketed(), String.join("; ", without)));
  }

  private static <K> Map<K, List<ObservedRun>> grouped(
      List<ObservedRun> runs, Function<ObservedRun, K> by) {
    return runs.stream()
        .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
  }

  /** Of many runs the first few. */
  static String names(List<ObservedRun> runs) {
    String first =
        runs.stream().limit(MOST_NAMES).map(ObservedRun::name).collect(Collectors.joining(", "));
    return runs.size() > MOST_NAMES
        ? "%s and %s more".formatted(first, runs.size() - MOST_NAMES)
        : first;
  }
}
