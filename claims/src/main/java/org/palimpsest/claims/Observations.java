package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  List<Condition> conditions() {
    Map<Condition, Integer> counts = new LinkedHashMap<>();
    for (ObservedRun run : runs) {
      if (run.role().isRandom() || run.role().isTransferred()) {
        counts.put(Condition.of(run.role()), 0);
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
  static Optional<Condition> main(List<ObservedRun> runs) {
    Observations alone = ofScores(runs);
    Comparator<Condition> bySize =
        Comparator.comparingInt(c -> Math.min(alone.random(c).size(), alone.transferred(c).size()));
    List<Condition> conditions = new ArrayList<>(alone.conditions());
    if (conditions.isEmpty()) {
      return runs.stream()
          .map(ObservedRun::role)
          .filter(role -> role.isRandom() || role.isTransferred())
          .map(Condition::of)
          .findFirst();
    }
    conditions.sort(bySize.reversed());
    return Optional.of(conditions.get(0));
  }

  Optional<Condition> main() {
    return main(runs);
  }

  List<ObservedRun> random(Condition condition) {
    return in(condition, RunRole::isRandom);
  }

  List<ObservedRun> transferred(Condition condition) {
    return in(condition, RunRole::isTransferred);
  }

  List<ObservedRun> frozen(Condition condition) {
    return in(condition, RunRole::isFrozenRandomEncoder);
  }

  List<ObservedRun> floor(Condition condition) {
    return in(condition, RunRole::floor);
  }

  private List<ObservedRun> in(Condition condition, Predicate<RunRole> role) {
    return runs.stream()
        .filter(run -> role.test(run.role()) && Condition.of(run.role()).equals(condition))
        .toList();
  }

  /** The source that a run started from, if it is among the runs. */
  Optional<ObservedRun> sourceOf(ObservedRun run) {
    return run.role()
        .source()
        .flatMap(name -> runs.stream().filter(other -> other.name().equals(name)).findFirst());
  }

  /** Whether the design pairs the runs of several arms: each pair is named in each arm once. */
  static boolean arePaired(List<List<ObservedRun>> arms) {
    List<List<String>> names =
        arms.stream()
            .map(arm -> arm.stream().map(run -> run.role().pair().orElse("")).sorted().toList())
            .toList();
    List<String> first = names.get(0);
    return !first.isEmpty()
        && first.stream().distinct().count() == first.size()
        && first.stream().noneMatch(String::isEmpty)
        && names.stream().allMatch(first::equals);
  }

  /** The runs in the order of their pairs. */
  static List<ObservedRun> byPair(List<ObservedRun> arm) {
    return arm.stream().sorted(Comparator.comparing(run -> run.role().pair().orElse(""))).toList();
  }
}
