package org.palimpsest.claims;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.output.Predictions;

/** A source, three runs from it and three from random weights, as small networks in a folder. */
final class LaidRuns {

  static final String[] BLOCKS = {"enc1", "enc2", "dec2", "dec1", "out"};

  private static final int CHANNELS = 3;

  private final SplittableRandom random = new SplittableRandom(3);
  private final Path root;
  private final int outputs;
  private final Probes probes;

  /**
   * @param outputs how many channels the last layer has
   */
  LaidRuns(Path root, int outputs) throws IOException {
    this.root = Files.createDirectories(root);
    this.outputs = outputs;
    List<String> steps = new ArrayList<>();
    for (String block : BLOCKS) {
      steps.add("{\"module\": \"%s\", \"type\": \"Conv2d\", \"padding\": 1}".formatted(block));
    }
    Files.writeString(
        root.resolve("architecture.json"),
        "{\"input\": {\"channels\": %d, \"axes\": 2}, \"steps\": [%s]}"
            .formatted(CHANNELS, String.join(",", steps)));
    double[][] source = weights(null, 0);
    state("source", 0, weights(null, 0));
    state("source", 100, source);
    for (int seed = 0; seed < 3; seed++) {
      double[][] start = weights(null, 0);
      state("random/seed" + seed, 0, start);
      state("random/seed" + seed, 100, weights(start, 0.1));
      state("transfer/seed" + seed, 0, source);
      state("transfer/seed" + seed, 100, weights(source, 0.1));
    }
    probes = Probes.of(Nd4j.createFromArray(normal(2 * CHANNELS * 36)).reshape(2, CHANNELS, 6, 6));
  }

  Path root() {
    return root;
  }

  Assessor assessor() {
    return Assessor.of(RunsFolder.open(root)).withProbes(probes);
  }

  /** Two more checkpoints of each run between its start and its end. */
  void addSteps(int... steps) throws IOException {
    for (int seed = 0; seed < 3; seed++) {
      for (String arm : List.of("random", "transfer")) {
        for (int step : steps) {
          state(arm + "/seed" + seed, step, weights(null, 0));
        }
      }
    }
  }

  /** What the last layer of a checkpoint gives for the probes. */
  INDArray output(String run, long step) {
    String file = root.resolve(run).resolve("step_%04d.safetensors".formatted(step)).toString();
    CheckpointFiles files = new CheckpointFiles().of(RunsFolder.open(root));
    try (ActivationSource network =
        files.open(new Checkpoint(step, file, OptionalDouble.empty()))) {
      return network.capture(probes, LayerSelector.of("out")).get("out").values();
    }
  }

  /** Of a run's checkpoints, by step. */
  Map<Long, Double> scores(String run, INDArray masks, Predictions.Scale scale) {
    return scoring(masks, scale).of(named(run));
  }

  /** What is to be known of these masks. */
  List<String> notesOn(INDArray masks) {
    return scoring(masks, Predictions.Scale.LOGITS).requireFitting(named("source"));
  }

  private ScoresByMasks scoring(INDArray masks, Predictions.Scale scale) {
    return new ScoresByMasks(
        new CheckpointFiles().of(RunsFolder.open(root)),
        StudyJournal.inMemory(),
        probes,
        Probes.of(masks),
        scale);
  }

  private TrainingRun named(String run) {
    return RunsFolder.open(root).allRuns().stream()
        .filter(one -> one.name().equals(run))
        .findFirst()
        .orElseThrow();
  }

  private double[] normal(int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  private double[][] weights(double @Nullable [][] near, double apart) {
    double[][] all = new double[BLOCKS.length][];
    for (int block = 0; block < BLOCKS.length; block++) {
      all[block] = normal((block == BLOCKS.length - 1 ? outputs : CHANNELS) * CHANNELS * 9);
      for (int i = 0; near != null && i < all[block].length; i++) {
        all[block][i] = near[block][i] + apart * all[block][i];
      }
    }
    return all;
  }

  private void state(String run, int step, double[][] weights) throws IOException {
    List<String> entries = new ArrayList<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int block = 0; block < BLOCKS.length; block++) {
      ByteBuffer values =
          ByteBuffer.allocate(Float.BYTES * weights[block].length).order(ByteOrder.LITTLE_ENDIAN);
      for (double weight : weights[block]) {
        values.putFloat((float) weight);
      }
      entries.add(
          "\"%s.weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d,3,3],\"data_offsets\":[%d,%d]}"
              .formatted(
                  BLOCKS[block],
                  weights[block].length / CHANNELS / 9,
                  CHANNELS,
                  data.size(),
                  data.size() + values.capacity()));
      data.write(values.array());
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    file.write(header);
    file.write(data.toByteArray());
    Path place = Files.createDirectories(root.resolve(run));
    Files.write(place.resolve("step_%04d.safetensors".formatted(step)), file.toByteArray());
  }
}
