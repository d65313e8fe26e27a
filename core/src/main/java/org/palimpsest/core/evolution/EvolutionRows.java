package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Some rows of a table, narrowed down step by step: {@code
 * table.select(TO_START).ofMeasure("linear_cka").atEndOf(runs).ofLayer("enc1").mean()}. Each step
 * gives a smaller copy and costs one look at each row; nothing that does not match is an error, so
 * that an empty result may be a misspelt name.
 *
 * @param all the rows, in the order of the table
 */
public record EvolutionRows(List<EvolutionRow> all) {

  public EvolutionRows {
    all = List.copyOf(all);
  }

  /** Those that meet a condition. */
  public EvolutionRows where(Predicate<EvolutionRow> condition) {
    return new EvolutionRows(all.stream().filter(condition).toList());
  }

  /** Those of the measure of this name. */
  public EvolutionRows ofMeasure(String measure) {
    return where(row -> row.measure().equals(measure));
  }

  /** Those whose first layer has this name. */
  public EvolutionRows ofLayer(String layer) {
    return where(row -> row.layerA().equals(layer));
  }

  /** Those whose first network is of this run. */
  public EvolutionRows ofRun(String run) {
    return where(row -> row.runA().equals(run));
  }

  /** Those on two runs, or groups of runs, in this order. */
  public EvolutionRows between(String first, String second) {
    return where(row -> row.runA().equals(first) && row.runB().equals(second));
  }

  /** Those whose first network is a run's at this step. */
  public EvolutionRows atStep(long step) {
    return where(row -> row.stepA().isPresent() && row.stepA().getAsLong() == step);
  }

  /** Those whose first network is the last checkpoint of one of these runs. */
  public EvolutionRows atEndOf(List<TrainingRun> runs) {
    Map<String, Long> ends =
        runs.stream().collect(Collectors.toMap(TrainingRun::name, run -> run.end().step()));
    return where(
        row ->
            row.stepA().isPresent()
                && Long.valueOf(row.stepA().getAsLong()).equals(ends.get(row.runA())));
  }

  /** The first layers, in the order of the table, each once. */
  public List<String> layers() {
    return all.stream().map(EvolutionRow::layerA).distinct().toList();
  }

  /** The values, in the order of the rows. */
  public List<Double> values() {
    return all.stream().map(row -> row.measurement().value()).toList();
  }

  /**
   * The mean of the values, each row counting alike; NaN of none. Rows of several layers or views
   * are averaged as they come, whether that makes sense or not.
   */
  public double mean() {
    return all.stream().mapToDouble(row -> row.measurement().value()).average().orElse(Double.NaN);
  }

  /**
   * The values by layers, NaN where there is none; of several for one pair of layers the last.
   *
   * @param first one row each, in this order
   * @param second one column each, in this order
   */
  public double[][] byLayers(List<String> first, List<String> second) {
    record Pair(String first, String second) {}
    Map<Pair, Double> values = new HashMap<>();
    all.forEach(row -> values.put(new Pair(row.layerA(), row.layerB()), row.measurement().value()));
    return first.stream()
        .map(
            a ->
                second.stream()
                    .mapToDouble(b -> values.getOrDefault(new Pair(a, b), Double.NaN))
                    .toArray())
        .toArray(double[][]::new);
  }

  /** The steps of the first networks, in the order of the table, each once. */
  public List<Long> steps() {
    Set<Long> steps = new LinkedHashSet<>();
    all.forEach(row -> row.stepA().ifPresent(steps::add));
    return List.copyOf(steps);
  }
}
