package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.StudyFolder;

/**
 * A study of files that hold one number each, small enough to be made thousands of times: two
 * groups of two runs of two checkpoints, two layers, representations and weights.
 */
final class SmallStudy implements CheckpointOpener {

  private static final Probes PROBES = Probes.of(Nd4j.ones(2, 1));

  private final CheckpointFiles files = new CheckpointFiles();
  private final List<TrainingRun> runs = new ArrayList<>();
  private final List<Path> checkpoints = new ArrayList<>();
  private final Runnable betweenMoments;

  /**
   * @param betweenMoments called again and again while files are hashed and read
   */
  SmallStudy(Path folder, Runnable betweenMoments) {
    this.betweenMoments = betweenMoments;
    for (String group : List.of("random", "transfer")) {
      for (int seed = 0; seed < 2; seed++) {
        List<Checkpoint> steps = new ArrayList<>();
        for (int step = 0; step < 2; step++) {
          Path file = folder.resolve(group + seed + "_" + step + ".txt");
          write(file, 10 + checkpoints.size());
          checkpoints.add(file);
          steps.add(new Checkpoint(step, file.toString(), OptionalDouble.empty()));
        }
        runs.add(new TrainingRun(group + "/" + seed, group, OptionalLong.of(seed), steps));
      }
    }
  }

  List<Path> checkpoints() {
    return checkpoints;
  }

  static void write(Path file, int number) {
    try {
      Files.writeString(file, String.valueOf(number));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Goes on with the study of a folder, or begins it. */
  EvolutionTable track(Path folder) {
    Study study = Study.of(runs, PROBES, List.of(new Excess()));
    try (StudyFolder kept = StudyFolder.open(folder)) {
      return EvolutionTracker.of(this, kept.journal(), kept.spill())
          .withWeights(List.of(new FirstWeights()))
          .track(study);
    }
  }

  @Override
  public String contentHash(Checkpoint checkpoint) {
    betweenMoments.run();
    String hash = files.contentHash(checkpoint);
    betweenMoments.run();
    return hash;
  }

  @Override
  public void requireUnchanged(Checkpoint checkpoint, String hash) {
    betweenMoments.run();
    files.requireUnchanged(checkpoint, hash);
    betweenMoments.run();
  }

  private double read(Checkpoint checkpoint) {
    betweenMoments.run();
    try {
      return Integer.parseInt(Files.readString(Path.of(checkpoint.location())));
    } catch (IOException | NumberFormatException failure) {
      throw new PalimpsestException(checkpoint.location() + " is no number: " + failure, failure);
    } finally {
      betweenMoments.run();
    }
  }

  @Override
  public ActivationSource open(Checkpoint checkpoint) {
    return new Constant(checkpoint.location(), read(checkpoint));
  }

  @Override
  public Weights weights(Checkpoint checkpoint) {
    INDArray values = Nd4j.valueArrayOf(new long[] {1, 2}, read(checkpoint));
    return Weights.of(
        Provenance.inMemory(checkpoint.location()),
        checkpoint.location(),
        List.of(new WeightTensor("fc.weight", values, "float64", LayerKind.LINEAR)));
  }

  private record Constant(String name, double value) implements ActivationSource {

    @Override
    public Provenance provenance() {
      return Provenance.inMemory(name);
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      INDArray answer = Nd4j.valueArrayOf(new long[] {probes.count(), 1}, value);
      receiver.accept(new ActivationBatch(0, Map.of("single", answer, "double", answer.mul(2))));
    }

    @Override
    public void close() {}
  }

  private record First(Representation.Info info, double value) implements Prepared {}

  private record FirstValue() implements Preparation<First> {

    @Override
    public First prepare(Representation representation) {
      return new First(representation.info(), representation.matrix().getDouble(0, 0));
    }
  }

  private record Excess() implements Measure<First> {

    @Override
    public String name() {
      return "excess";
    }

    @Override
    public Preparation<First> preparation() {
      return new FirstValue();
    }

    @Override
    public MeasureProperties properties() {
      return MeasureProperties.distance("excess over the second value")
          .range(Range.NON_NEGATIVE)
          .asymmetric()
          .source("this test")
          .cost("O(1)")
          .build();
    }

    @Override
    public Score compare(First a, First b) {
      double excess = Math.max(0, a.value() - b.value()) / b.value();
      return Score.of(excess, properties(), Diagnostics.of(a.info().samples()));
    }
  }

  private record FirstWeights() implements WeightComparison {

    @Override
    public String name() {
      return "first";
    }

    @Override
    public List<String> measures() {
      return List.of("weight_difference", "weight_ratio");
    }

    @Override
    public List<LayerMeasurement> compare(Weights a, Weights b) {
      double first = a.tensors().get(0).values().getDouble(0);
      double second = b.tensors().get(0).values().getDouble(0);
      return List.of(
          new LayerMeasurement(
              "fc", "weight_difference", Measurement.of(Math.abs(first - second), 1)),
          new LayerMeasurement(
              "fc", "weight_ratio", Measurement.of(first / second, first, second, 1)));
    }
  }
}
