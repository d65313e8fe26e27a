package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.probe.Fingerprint;

/**
 * What a study found out. It is complete in itself: each row says what was compared with what, by
 * which measure, and how its value is to be read; each checkpoint is named with the hash of its
 * content. Immutable.
 *
 * <pre>{@code
 * double reuse =
 *     table.select(Study.View.TO_SOURCE).ofMeasure("linear_cka").ofLayer("enc1").atEndOf(runs).mean();
 * }</pre>
 *
 * <p>{@code EvolutionTables} of the module {@code io} writes it and reads it again.
 *
 * @param rows one per measurement, by view, then in the order of runs, steps, layers and measures
 * @param checkpoints every checkpoint, with its hash or what is wrong with it
 * @param notes what could not be computed, and why, and what should be known about networks'
 *     outputs
 * @param probes the fingerprint of what the networks were shown
 * @param samples how feature maps became samples
 * @param version the version of this library
 */
public record EvolutionTable(
    List<Row> rows,
    List<CheckpointRecord> checkpoints,
    List<String> notes,
    Fingerprint probes,
    String samples,
    String version) {

  public EvolutionTable {
    rows = List.copyOf(rows);
    checkpoints = List.copyOf(checkpoints);
    notes = List.copyOf(notes);
  }

  /** The rows of a view, in their order. */
  public List<Row> rows(Study.View view) {
    return rows.stream().filter(row -> row.view() == view).toList();
  }

  /** The rows of a view, to be narrowed down. */
  public Rows select(Study.View view) {
    return new Rows(rows(view));
  }

  /** The measures of its rows, in their order. */
  public List<MeasureFacts> measures() {
    return rows.stream().map(Row::facts).distinct().toList();
  }

  /** The checkpoints that gave no measurements. */
  public List<CheckpointRecord> broken() {
    return checkpoints.stream().filter(c -> c.problem().isPresent()).toList();
  }

  /**
   * Where the measurements of a moment came from, and what is wrong with those that gave none. A
   * checkpoint that cannot be read does not end a study: the table has it with its problem.
   *
   * @param run its run
   * @param checkpoint its step, place and score
   * @param hash the hash of its content, empty if it could not be read; equal hashes are one
   *     network
   * @param problem why it gives no measurements, if it does not, in whole sentences
   * @see EvolutionTable#broken()
   */
  public record CheckpointRecord(
      TrainingRun run, Checkpoint checkpoint, String hash, Optional<String> problem) {}

  /**
   * One row of the table: one measurement, and what its measure is. A row names both networks and
   * layers, so that it can be read by itself; in a view of layers of one name both names are the
   * same.
   *
   * @param view which view asked for it
   * @param runA the first run, or group of runs
   * @param stepA its step; none for a group
   * @param layerA its layer
   * @param runB the second run, or group of runs
   * @param stepB its step; none for a group
   * @param layerB its layer
   * @param facts the measure's name, direction and range
   * @param measurement the number, its interval, how many things it rests on
   */
  public record Row(
      Study.View view,
      String runA,
      OptionalLong stepA,
      String layerA,
      String runB,
      OptionalLong stepB,
      String layerB,
      MeasureFacts facts,
      Measurement measurement) {

    /** A row of a measure of which only the name is known. */
    public Row(
        Study.View view,
        String runA,
        OptionalLong stepA,
        String layerA,
        String runB,
        OptionalLong stepB,
        String layerB,
        String measure,
        Measurement measurement) {
      this(
          view,
          runA,
          stepA,
          layerA,
          runB,
          stepB,
          layerB,
          MeasureFacts.unknown(measure),
          measurement);
    }

    /** The measure's name. */
    public String measure() {
      return facts.name();
    }

    /**
     * The measurement as a score, with direction, range and ranks; none where the measurement is
     * not about alikeness, or that is not known. Its interval is that over probes.
     */
    public Optional<Score> score() {
      return facts
          .direction()
          .map(
              direction -> {
                Diagnostics plain = Diagnostics.of(measurement.n());
                Diagnostics ranked =
                    measurement
                        .ranks()
                        .map(ranks -> plain.withRanks(ranks.a(), ranks.b()))
                        .orElse(plain);
                Diagnostics warned = ranked;
                for (String warning : measurement.warnings()) {
                  warned = warned.withWarning(warning);
                }
                return new Score(
                    measurement.value(),
                    direction,
                    facts.range(),
                    warned,
                    measurement.overProbes());
              });
    }

    /** The same about another number, such as one that was corrected. */
    public Row withMeasurement(Measurement other) {
      return new Row(view, runA, stepA, layerA, runB, stepB, layerB, facts, other);
    }

    /** The same measurement of a measure of which more is known. */
    public Row withFacts(MeasureFacts known) {
      return new Row(view, runA, stepA, layerA, runB, stepB, layerB, known, measurement);
    }
  }

  /**
   * Some rows of a table, narrowed down step by step: {@code
   * table.select(TO_START).ofMeasure("linear_cka").atEndOf(runs).ofLayer("enc1").mean()}. Each step
   * gives a smaller copy and costs one look at each row; nothing that does not match is an error,
   * so that an empty result may be a misspelt name.
   *
   * @param all the rows, in the order of the table
   */
  public record Rows(List<EvolutionTable.Row> all) {

    public Rows {
      all = List.copyOf(all);
    }

    /**
     * Those that meet a condition, for questions that no other step asks.
     *
     * @param condition is asked once of each row, in order
     */
    public Rows where(Predicate<EvolutionTable.Row> condition) {
      return new Rows(all.stream().filter(condition).toList());
    }

    /**
     * Those of the measure of this name, with its parameters as they stand in the table: {@code
     * svcca} does not choose {@code svcca:0.9}. Without this step, values of several measures stand
     * side by side.
     *
     * @param measure as {@link EvolutionTable#measures} lists it
     */
    public Rows ofMeasure(String measure) {
      return where(row -> row.measure().equals(measure));
    }

    /**
     * Those whose first layer has this name. In views that hold layers of the same name against
     * each other the second one is then the same; in the others it may be any.
     *
     * @param layer its path
     */
    public Rows ofLayer(String layer) {
      return where(row -> row.layerA().equals(layer));
    }

    /**
     * Those whose first network is of this run. In {@link Study.View#FINALS} a run is the first of
     * some pairs and the second of others: see {@link #between}.
     *
     * @param run its name, such as {@code random/seed0}
     */
    public Rows ofRun(String run) {
      return where(row -> row.runA().equals(run));
    }

    /**
     * Those on two runs, or groups of runs, in this order. The table holds each pair in one order,
     * that of the runs in the study.
     *
     * @param first the run, or group, of the first network
     * @param second the run, or group, of the second network
     */
    public Rows between(String first, String second) {
      return where(row -> row.runA().equals(first) && row.runB().equals(second));
    }

    /**
     * Those whose first network is a run's at this step; rows on groups of runs have no step and
     * are not among them.
     *
     * @param step how many steps the optimiser had made
     */
    public Rows atStep(long step) {
      return where(row -> row.stepA().isPresent() && row.stepA().getAsLong() == step);
    }

    /**
     * Those whose first network is the last checkpoint of one of these runs, each at its own last
     * step.
     *
     * @param runs no name twice
     * @throws PalimpsestException if two of them have one name
     */
    public Rows atEndOf(List<TrainingRun> runs) {
      Map<String, Long> ends = new HashMap<>();
      for (TrainingRun run : runs) {
        if (ends.put(run.name(), run.end().step()) != null) {
          throw new PalimpsestException("Two of the runs are called '" + run.name() + "'.");
        }
      }
      return where(
          row ->
              row.stepA().isPresent()
                  && Long.valueOf(row.stepA().getAsLong()).equals(ends.get(row.runA())));
    }

    /** The first layers, in the order of the table, each once. */
    public List<String> layers() {
      return all.stream().map(EvolutionTable.Row::layerA).distinct().toList();
    }

    /**
     * The values, in the order of the rows; how to read them says {@link EvolutionTable.Row#facts}
     * of each.
     */
    public List<Double> values() {
      return all.stream().map(row -> row.measurement().value()).toList();
    }

    /**
     * The mean of the values, each row counting alike; NaN of none. Rows of several layers or views
     * are averaged as they come, whether that makes sense or not.
     */
    public double mean() {
      return all.stream()
          .mapToDouble(row -> row.measurement().value())
          .average()
          .orElse(Double.NaN);
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
      all.forEach(
          row -> values.put(new Pair(row.layerA(), row.layerB()), row.measurement().value()));
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
}
