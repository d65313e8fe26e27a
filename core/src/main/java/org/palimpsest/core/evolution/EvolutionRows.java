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

  /**
   * Those that meet a condition, for questions that no other step asks.
   *
   * @param condition is asked once of each row, in order
   */
  public EvolutionRows where(Predicate<EvolutionRow> condition) {
    return new EvolutionRows(all.stream().filter(condition).toList());
  }

  /**
   * Those of the measure of this name, with its parameters as they stand in the table: {@code
   * svcca} does not choose {@code svcca:0.9}. Without this step, values of several measures stand
   * side by side.
   *
   * @param measure as {@link EvolutionTable#measures} lists it
   */
  public EvolutionRows ofMeasure(String measure) {
    return where(row -> row.measure().equals(measure));
  }

  /**
   * Those whose first layer has this name. In views that hold layers of the same name against each
   * other the second one is then the same; in the others it may be any.
   *
   * @param layer its path
   */
  public EvolutionRows ofLayer(String layer) {
    return where(row -> row.layerA().equals(layer));
  }

  /**
   * Those whose first network is of this run. In {@link StudyView#FINALS} a run is the first of
   * some pairs and the second of others: see {@link #between}.
   *
   * @param run its name, such as {@code random/seed0}
   */
  public EvolutionRows ofRun(String run) {
    return where(row -> row.runA().equals(run));
  }

  /**
   * Those on two runs, or groups of runs, in this order. The table holds each pair in one order,
   * that of the runs in the study.
   *
   * @param first the run, or group, of the first network
   * @param second the run, or group, of the second network
   */
  public EvolutionRows between(String first, String second) {
    return where(row -> row.runA().equals(first) && row.runB().equals(second));
  }

  /**
   * Those whose first network is a run's at this step; rows on groups of runs have no step and are
   * not among them.
   *
   * @param step how many steps the optimiser had made
   */
  public EvolutionRows atStep(long step) {
    return where(row -> row.stepA().isPresent() && row.stepA().getAsLong() == step);
  }

  /**
   * Those whose first network is the last checkpoint of one of these runs, each at its own last
   * step.
   *
   * @param runs no name twice
   * @throws IllegalStateException if two of them have one name
   */
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

  /**
   * The values, in the order of the rows; how to read them says {@link EvolutionRow#facts} of each.
   */
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
