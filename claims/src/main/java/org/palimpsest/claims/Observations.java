package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.palimpsest.io.runs.RunRole;

/**
 * What is known of training runs, whoever found it out.
 *
 * @param runs all runs, the sources too
 * @param blocks the layers whose representations were compared, from input to output
 * @param ends the similarity of the last networks of two runs, block by block
 * @param toStart the similarity of a run's last network to its first, block by block
 * @param fates what became of the filters of a run, layer by layer
 * @param predictions the Dice coefficient of the predictions of two runs' last networks
 * @param notes what should be known of all figures
 */
record Observations(
    List<ObservedRun> runs,
    List<String> blocks,
    Map<RunPair, double[]> ends,
    Map<String, double[]> toStart,
    Map<String, List<LayerFate>> fates,
    Map<RunPair, Double> predictions,
    List<String> notes) {

  private static final int FEWEST = 3;

  Observations {
    runs = List.copyOf(runs);
    blocks = List.copyOf(blocks);
    ends = Map.copyOf(ends);
    toStart = Map.copyOf(toStart);
    fates = Map.copyOf(fates);
    predictions = Map.copyOf(predictions);
    notes = List.copyOf(notes);
  }

  static Observations ofScores(List<ObservedRun> runs) {
    return new Observations(runs, List.of(), Map.of(), Map.of(), Map.of(), Map.of(), List.of());
  }

  /** The conditions in which something was trained both at random and from a source, in order. */
  List<TrainingCondition> conditions() {
    Map<TrainingCondition, Integer> counts = new LinkedHashMap<>();
    for (ObservedRun run : runs) {
      if (run.role().isRandom() || run.role().isTransferred()) {
        counts.put(TrainingCondition.of(run.role()), 0);
      }
    }
    return counts.keySet().stream()
        .filter(c -> !random(c).isEmpty() && !transferred(c).isEmpty())
        .toList();
  }

  /**
   * The condition that representations and filters are looked at in: that with the most networks in
   * the smaller of its two arms; the first of several.
   */
  static Optional<TrainingCondition> main(List<ObservedRun> runs) {
    Observations alone = ofScores(runs);
    Comparator<TrainingCondition> bySize =
        Comparator.comparingInt(c -> Math.min(alone.random(c).size(), alone.transferred(c).size()));
    List<TrainingCondition> conditions = new ArrayList<>(alone.conditions());
    if (conditions.isEmpty()) {
      return runs.stream()
          .map(ObservedRun::role)
          .filter(role -> role.isRandom() || role.isTransferred())
          .map(TrainingCondition::of)
          .findFirst();
    }
    conditions.sort(bySize.reversed());
    return Optional.of(conditions.get(0));
  }

  Optional<TrainingCondition> main() {
    return main(runs);
  }

  /** Those from random weights of their own; where there are none, those that share a start. */
  List<ObservedRun> random(TrainingCondition condition) {
    List<ObservedRun> all = allRandom(condition);
    List<ObservedRun> own = all.stream().filter(run -> run.role().sharedStart().isEmpty()).toList();
    return own.isEmpty() ? all : own;
  }

  /** Those from random weights, whether they share them or not. */
  List<ObservedRun> allRandom(TrainingCondition condition) {
    return Collapse.in(this, condition).without(in(condition, RunRole::isRandom));
  }

  /** Those from random weights that were trained for many times as many steps as the others. */
  List<ObservedRun> trainedLonger(TrainingCondition condition) {
    return in(condition, RunRole::isRandomTrainedLonger);
  }

  /** Those from sources of one task: of several tasks the one from which most networks started. */
  List<ObservedRun> transferred(TrainingCondition condition) {
    return largest(allTransferred(condition), this::taskOfSource);
  }

  private List<ObservedRun> allTransferred(TrainingCondition condition) {
    return Collapse.in(this, condition).without(in(condition, RunRole::isTransferred));
  }

  private String taskOfSource(ObservedRun run) {
    return sourceOf(run).flatMap(source -> source.role().task()).orElse("");
  }

  /**
   * Independent networks among the transferred: those of the source from which most started, since
   * networks of one source share its luck; where no source has three, one of each source.
   */
  List<ObservedRun> independent(TrainingCondition condition) {
    List<ObservedRun> all = transferred(condition);
    Function<ObservedRun, String> source = run -> run.role().source().orElse("");
    List<ObservedRun> largest = largest(all, source);
    if (largest.size() >= FEWEST) {
      return largest;
    }
    Map<String, ObservedRun> first = new LinkedHashMap<>();
    all.forEach(run -> first.putIfAbsent(source.apply(run), run));
    return first.size() > largest.size() ? List.copyOf(first.values()) : largest;
  }

  private static List<ObservedRun> largest(
      List<ObservedRun> runs, Function<ObservedRun, String> group) {
    Map<String, List<ObservedRun>> groups = new LinkedHashMap<>();
    runs.forEach(
        run -> groups.computeIfAbsent(group.apply(run), name -> new ArrayList<>()).add(run));
    int most = groups.values().stream().mapToInt(List::size).max().orElse(0);
    return groups.values().stream()
        .filter(some -> some.size() == most)
        .findFirst()
        .orElse(List.of());
  }

  /**
   * Which transferred networks are not among the independent ones, and why; collapsed ones aside.
   */
  List<String> leftOut(TrainingCondition condition) {
    List<ObservedRun> ofOneTask = transferred(condition);
    List<ObservedRun> used = independent(condition);
    List<String> sources = sources(used);
    List<String> others = sources(without(ofOneTask, used));
    List<String> ofOtherTasks = sources(without(allTransferred(condition), ofOneTask));
    List<String> lines = new ArrayList<>();
    if (!others.isEmpty()) {
      lines.add(
          sources.containsAll(others)
              ? "Of the networks from each of %s the first is in the figure: networks of one source share its luck."
                  .formatted(String.join(", ", sources))
              : "Transferred networks are those from %s. Others of the same condition, from %s, are not in the figure: networks of one source share its luck."
                  .formatted(String.join(", ", sources), String.join(", ", others)));
    }
    if (!ofOtherTasks.isEmpty()) {
      lines.add(
          "Transferred networks from %s are not in the figure: their sources learned another task than %s."
              .formatted(String.join(", ", ofOtherTasks), String.join(", ", sources)));
    }
    return lines;
  }

  private static List<ObservedRun> without(List<ObservedRun> runs, List<ObservedRun> some) {
    return runs.stream().filter(run -> !some.contains(run)).toList();
  }

  private static List<String> sources(List<ObservedRun> runs) {
    return runs.stream().flatMap(run -> run.role().source().stream()).distinct().toList();
  }

  List<ObservedRun> frozen(TrainingCondition condition) {
    return in(condition, RunRole::isFrozenRandomEncoder);
  }

  List<ObservedRun> floor(TrainingCondition condition) {
    return in(condition, RunRole::floor);
  }

  List<ObservedRun> in(TrainingCondition condition, Predicate<RunRole> role) {
    return runs.stream()
        .filter(run -> role.test(run.role()) && TrainingCondition.of(run.role()).equals(condition))
        .toList();
  }

  /** The source that a run started from, if it is among the runs. */
  Optional<ObservedRun> sourceOf(ObservedRun run) {
    return run.role()
        .source()
        .flatMap(name -> runs.stream().filter(other -> other.name().equals(name)).findFirst());
  }
}
