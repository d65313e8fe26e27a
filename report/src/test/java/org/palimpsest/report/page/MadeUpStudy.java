package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Fingerprint;

/**
 * Tables of any size, as the tracker lays them out, of figures that fall off with the distance of
 * layers and steps.
 */
final class MadeUpStudy {

  static final StudyReport.Facts FACTS =
      StudyReport.Facts.of("Made-up study", "8 made-up probes, 1 × 64 × 64");

  private static final List<MeasureFacts> MEASURES =
      List.of(
          new MeasureFacts(
              "linear_cka", "", Optional.of(Direction.SIMILARITY), Range.UNIT, false, true),
          new MeasureFacts(
              "relative_change",
              "distance over norm",
              Optional.of(Direction.DISTANCE),
              Range.NON_NEGATIVE,
              true,
              false));

  private static final String CKA = "linear_cka";

  private final List<String> layers;
  private final List<TrainingRun> runs = new ArrayList<>();
  private final List<EvolutionTable.Row> rows = new ArrayList<>();
  private final List<CheckpointRecord> records = new ArrayList<>();
  private final Random random = new Random(5);

  private final List<String> groups;

  private MadeUpStudy(List<String> layers, List<String> groups, int seeds, long[] steps) {
    this.layers = layers;
    this.groups = groups;
    for (String initialisation : groups) {
      for (int seed = 0; seed < seeds; seed++) {
        runs.add(run(initialisation, seed, steps));
      }
    }
  }

  private static MeasureFacts facts(String measure) {
    return MEASURES.stream()
        .filter(known -> known.name().equals(measure))
        .findFirst()
        .orElse(MeasureFacts.unknown(measure));
  }

  private TrainingRun run(String initialisation, int seed, long[] steps) {
    String name = initialisation + "/seed" + seed;
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (long step : steps) {
      double score = 0.8 - 0.6 * Math.exp(-step / 100.0) - 0.01 * seed;
      checkpoints.add(
          new Checkpoint(step, name + "/step_" + step + ".pt", OptionalDouble.of(score)));
    }
    return new TrainingRun(name, initialisation, OptionalLong.of(seed), checkpoints);
  }

  static List<String> layerNames(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> (i < (count + 1) / 2 ? "encoder" : "decoder") + ".block" + i + ".conv.0")
        .toList();
  }

  /** Two groups with that many runs each. */
  static EvolutionTable of(List<String> layers, int seeds, long... steps) {
    return of(layers, List.of("random", "transfer"), seeds, steps);
  }

  /**
   * @param groups the names of two
   */
  static EvolutionTable of(List<String> layers, List<String> groups, int seeds, long... steps) {
    MadeUpStudy study = new MadeUpStudy(layers, groups, seeds, steps);
    study.runs.forEach(study::addRun);
    study.addFinals();
    study.addGroups();
    return new EvolutionTable(
        study.rows,
        study.records,
        List.of("linear_cka: layer 'dead' has no variance"),
        new Fingerprint("3fa9c0d1e2b4".repeat(5) + "abcd"),
        "positions as samples",
        "0.1.0-test");
  }

  private void addRun(TrainingRun run) {
    List<Checkpoint> all = run.checkpoints();
    for (Checkpoint at : all) {
      records.add(new CheckpointRecord(run, at, "ab".repeat(32), Optional.empty()));
    }
    for (int i = 0; i < all.size(); i++) {
      Checkpoint at = all.get(i);
      alike(Study.View.TO_START, run, at, run.start());
      alike(Study.View.TO_END, run, at, run.end());
      alike(Study.View.TO_SOURCE, run, at, run.start());
      if (i + 1 < all.size()) {
        alike(Study.View.TO_NEXT, run, at, all.get(i + 1));
      }
      for (Checkpoint other : all) {
        alike(Study.View.STEPS, run, at, other);
      }
      acrossLayers(run, at);
    }
  }

  private void alike(Study.View view, TrainingRun run, Checkpoint a, Checkpoint b) {
    for (int layer = 0; layer < layers.size(); layer++) {
      String name = layers.get(layer);
      add(view, run, a, name, b, name, "linear_cka", value(layer, layer, a, b));
      if (view != Study.View.STEPS) {
        double change = Math.abs(a.step() - b.step()) / 400.0 * (1 + 0.1 * random.nextDouble());
        add(view, run, a, name, b, name, "relative_change", change);
      }
    }
  }

  private void acrossLayers(TrainingRun run, Checkpoint at) {
    for (int i = 0; i < layers.size(); i++) {
      for (int j = 0; j < layers.size(); j++) {
        double value = value(i, j, at, run.end());
        add(
            Study.View.LAYERS,
            run,
            at,
            layers.get(i),
            run.end(),
            layers.get(j),
            "linear_cka",
            value);
      }
    }
  }

  private double value(int i, int j, Checkpoint a, Checkpoint b) {
    double depth = i / (double) layers.size();
    double apart = Math.abs(i - j) * 4.0 / layers.size();
    double later = Math.abs(Math.log1p(a.step()) - Math.log1p(b.step())) * (0.05 + 0.3 * depth);
    double noise = a.step() == b.step() && i == j ? 0 : 0.02 * random.nextDouble();
    return Math.exp(-apart - later) - noise;
  }

  private void add(
      Study.View view,
      TrainingRun run,
      Checkpoint a,
      String layerA,
      Checkpoint b,
      String layerB,
      String measure,
      double value) {
    add(view, run, a, layerA, run, b, layerB, measure, value);
  }

  private void add(
      Study.View view,
      TrainingRun runA,
      Checkpoint a,
      String layerA,
      TrainingRun runB,
      Checkpoint b,
      String layerB,
      String measure,
      double value) {
    rows.add(
        new EvolutionTable.Row(
            view,
            runA.name(),
            OptionalLong.of(a.step()),
            layerA,
            runB.name(),
            OptionalLong.of(b.step()),
            layerB,
            facts(measure),
            Measurement.of(value, 4096)));
  }

  /** Of the first run and every other. */
  private void addFinals() {
    TrainingRun first = runs.get(0);
    for (TrainingRun other : runs.subList(1, runs.size())) {
      for (int i = 0; i < layers.size(); i++) {
        String layer = layers.get(i);
        double same = value(i, i, first.start(), other.end());
        add(Study.View.FINALS, first, first.end(), layer, other, other.end(), layer, CKA, same);
        for (int j = 0; j < layers.size(); j++) {
          double value = value(i, j, first.start(), other.end());
          String to = layers.get(j);
          add(
              Study.View.FINAL_LAYERS,
              first,
              first.end(),
              layer,
              other,
              other.end(),
              to,
              CKA,
              value);
        }
      }
    }
  }

  private void addGroups() {
    for (String layer : layers) {
      group(groups.get(0), groups.get(0), layer, "linear_cka", Measurement.of(0.62, 0.55, 0.70, 3));
      group(groups.get(0), groups.get(1), layer, "linear_cka", Measurement.of(0.41, 0.37, 0.46, 9));
      group(groups.get(0), groups.get(1), layer, "linear_cka difference", Measurement.of(-0.21, 6));
      group(groups.get(0), groups.get(1), layer, "linear_cka p_value", Measurement.of(0.1, 20));
      group(groups.get(1), groups.get(1), layer, "linear_cka", Measurement.of(0.83, 0.80, 0.86, 3));
    }
  }

  private void group(String a, String b, String layer, String measure, Measurement figure) {
    rows.add(
        new EvolutionTable.Row(
            Study.View.GROUPS,
            a,
            OptionalLong.empty(),
            layer,
            b,
            OptionalLong.empty(),
            layer,
            facts(measure),
            figure));
  }
}
