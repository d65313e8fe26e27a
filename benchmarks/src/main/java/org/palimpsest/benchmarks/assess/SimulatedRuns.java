package org.palimpsest.benchmarks.assess;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.benchmarks.assess.Population.Network;
import org.palimpsest.internal.file.ScoreLog;
import org.palimpsest.io.npy.NpyFile;

/** A folder of training runs drawn from a population, as anyone's runs lie. */
final class SimulatedRuns {

  private static final String START = "step_0000.safetensors";
  private static final String END = "step_4000.safetensors";
  private static final int SIDE = 4;

  private final Path root;
  private final Population population;
  private final Scores scores;

  private SimulatedRuns(Path root, Population population, Scores scores) {
    this.root = root;
    this.population = population;
    this.scores = scores;
  }

  /** Writes such a folder with so many runs in each arm. */
  static void write(
      Path root, Population population, Scores scores, int networks, SplittableRandom random) {
    try {
      new SimulatedRuns(root, population, scores).write(networks, random);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void write(int networks, SplittableRandom random) throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("architecture.json"), architecture());
    NpyFile.write(root.resolve("probes.npy"), probes());
    double[][] source = population.source();
    Path ofSource = Files.createDirectories(root.resolve("source"));
    double[] kernels = new double[Population.KERNELS * Population.KERNEL];
    kernels[0] = 1;
    writeState(ofSource.resolve(START), source, kernels);
    writeState(ofSource.resolve(END), source, kernels);
    for (int i = 0; i < networks; i++) {
      network(
          "0_random",
          i,
          population.random(random),
          Optional.of(scores.curve(false, random)),
          "random");
      network("0_shared", i, population.shared(random), Optional.empty(), "random:A");
      network(
          "0_transfer",
          i,
          population.transferred(random),
          Optional.of(scores.curve(true, random)),
          "source");
      for (int cell = 1; cell < Scores.CELLS.size(); cell++) {
        scored("random_", cell, i, scores.plateau(cell, false, random));
        scored("transfer_", cell, i, scores.plateau(cell, true, random));
      }
      scored("frozen_encoder_", 0, i, scores.frozen(random));
      scored("floor_", 0, i, scores.floor(random));
    }
  }

  private void network(
      String arm, int seed, Network network, Optional<Map<Long, Double>> curve, String start)
      throws IOException {
    Path folder = Files.createDirectories(root.resolve(arm).resolve("seed" + seed));
    writeState(folder.resolve(START), network.start(), network.kernelsBefore());
    writeState(folder.resolve(END), network.end(), network.kernels());
    Files.writeString(
        folder.resolve("run.json"),
        "{\"start\": \"%s\", \"difficulty\": \"hard\", \"images\": \"few\"}".formatted(start));
    if (curve.isPresent()) {
      Files.writeString(folder.resolve("log.json"), ScoreLog.write(curve.get()));
    }
  }

  /** A run of which no claim looks at the network, so that the file may be anything. */
  private void scored(String arm, int cell, int seed, double score) throws IOException {
    Path folder =
        Files.createDirectories(root.resolve(arm + Scores.CELLS.get(cell)).resolve("seed" + seed));
    Files.write(folder.resolve(END), new byte[] {0});
    Files.writeString(folder.resolve("log.json"), ScoreLog.write(Map.of(4000L, score)));
  }

  /** The image goes to each block at once; a convolution that changes nothing gives it a name. */
  private static String architecture() {
    List<String> steps = new ArrayList<>();
    steps.add("{\"module\": \"stem\", \"type\": \"Conv2d\", \"as\": \"image\"}");
    steps.add(
        "{\"module\": \"enc0\", \"type\": \"Conv2d\", \"padding\": 1, \"groups\": %s, \"from\": [\"image\"]}"
            .formatted(Population.INPUTS));
    for (String block : Population.BLOCKS) {
      steps.add(
          "{\"module\": \"%s\", \"type\": \"Conv2d\", \"from\": [\"image\"]}".formatted(block));
    }
    return "{\"input\": {\"channels\": %s, \"axes\": 2}, \"steps\": [%s]}"
        .formatted(Population.INPUTS, String.join(",\n", steps));
  }

  /** Sixteen positions on which the channels are orthonormal and have mean 0. */
  private static INDArray probes() {
    int positions = SIDE * SIDE;
    float[] values = new float[Population.INPUTS * positions];
    for (int channel = 0; channel < Population.INPUTS; channel++) {
      for (int at = 0; at < positions; at++) {
        boolean odd = Integer.bitCount((channel + 1) & at) % 2 == 1;
        values[channel * positions + at] = odd ? -1 : 1;
      }
    }
    return Nd4j.createFromArray(values).reshape(1, Population.INPUTS, SIDE, SIDE);
  }

  private static void writeState(Path file, double[][] blocks, double[] kernels)
      throws IOException {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    Map<String, String> shapes = new LinkedHashMap<>();
    double[] stem = new double[Population.INPUTS * Population.INPUTS];
    for (int i = 0; i < Population.INPUTS; i++) {
      stem[i * Population.INPUTS + i] = 1;
    }
    tensors.put("stem.weight", stem);
    shapes.put("stem.weight", "%s,%s,1,1".formatted(Population.INPUTS, Population.INPUTS));
    tensors.put("enc0.weight", kernels);
    shapes.put("enc0.weight", "%s,1,3,3".formatted(Population.KERNELS));
    for (int block = 0; block < blocks.length; block++) {
      String name = Population.BLOCKS[block] + ".weight";
      tensors.put(name, blocks[block]);
      shapes.put(name, "%s,%s,1,1".formatted(Population.features(block), Population.INPUTS));
    }
    Files.write(file, safetensors(tensors, shapes));
  }

  private static byte[] safetensors(Map<String, double[]> tensors, Map<String, String> shapes)
      throws IOException {
    List<String> entries = new ArrayList<>();
    int offset = 0;
    for (Map.Entry<String, double[]> tensor : tensors.entrySet()) {
      int end = offset + Float.BYTES * tensor.getValue().length;
      entries.add(
          "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%s,%s]}"
              .formatted(tensor.getKey(), shapes.get(tensor.getKey()), offset, end));
      offset = end;
    }
    byte[] header =
        entries.stream()
            .collect(Collectors.joining(",", "{", "}"))
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer data = ByteBuffer.allocate(offset).order(ByteOrder.LITTLE_ENDIAN);
    tensors.values().forEach(values -> put(data, values));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array());
    out.write(header);
    out.write(data.array());
    return out.toByteArray();
  }

  private static void put(ByteBuffer data, double[] values) {
    for (double value : values) {
      data.putFloat((float) value);
    }
  }
}
