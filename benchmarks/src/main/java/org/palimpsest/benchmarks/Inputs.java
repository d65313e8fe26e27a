package org.palimpsest.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;

/**
 * The layers of two networks as NPY files, made from a seed: rectified mixtures of a few causes
 * that both networks share, of falling strength, and noise of their own.
 */
final class Inputs {

  private static final int CAUSES = 24;
  private static final double NOISE = 0.3;

  private final Workload workload;
  private final Path folder;

  Inputs(Workload workload, Path folder) {
    this.workload = workload;
    this.folder = folder;
  }

  private Path file(String network, int layer) {
    return folder.resolve("%s_%s_%02d.npy".formatted(workload, network, layer));
  }

  void write(long seed) throws IOException {
    Files.createDirectories(folder);
    float[][] causes = causes(new SplittableRandom(seed));
    for (String network : List.of("a", "b")) {
      long own = seed * 1000 + network.charAt(0);
      IntStream.range(0, workload.widths().size())
          .parallel()
          .forEach(
              layer -> write(network, layer, causes, new SplittableRandom(own + 7919L * layer)));
    }
  }

  private float[][] causes(SplittableRandom random) {
    float[][] causes = new float[workload.samples()][CAUSES];
    for (float[] row : causes) {
      for (int c = 0; c < CAUSES; c++) {
        row[c] = (float) (random.nextGaussian() / Math.sqrt(1 + c));
      }
    }
    return causes;
  }

  private void write(String network, int layer, float[][] causes, SplittableRandom random) {
    int width = workload.widths().get(layer);
    float[][] mixture = new float[CAUSES][width];
    for (float[] row : mixture) {
      for (int j = 0; j < width; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    float[] values = new float[workload.samples() * width];
    float[] row = new float[width];
    for (int i = 0; i < causes.length; i++) {
      for (int j = 0; j < width; j++) {
        row[j] = (float) (NOISE * random.nextGaussian());
      }
      for (int c = 0; c < CAUSES; c++) {
        float strength = causes[i][c];
        for (int j = 0; j < width; j++) {
          row[j] += strength * mixture[c][j];
        }
      }
      for (int j = 0; j < width; j++) {
        values[i * width + j] = Math.max(0, row[j]);
      }
    }
    try {
      NpyFile.write(file(network, layer), causes.length, width, values);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  List<Representation> read(String network) throws IOException {
    List<Representation> layers = new ArrayList<>();
    for (int layer = 0; layer < workload.widths().size(); layer++) {
      int width = workload.widths().get(layer);
      layers.add(
          Representation.of(
              network + layer, NpyFile.read(file(network, layer), workload.samples(), width)));
    }
    return layers;
  }
}
