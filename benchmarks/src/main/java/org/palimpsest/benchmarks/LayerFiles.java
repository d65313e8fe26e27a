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
final class LayerFiles {

  private static final int CAUSES = 24;
  private static final double NOISE = 0.3;
  private static final int NOISE_TABLE = 1 << 20;
  private static final int CHUNK_ROWS = 1024;

  private final Workload workload;
  private final Path folder;

  LayerFiles(Workload workload, Path folder) {
    this.workload = workload;
    this.folder = folder;
  }

  private Path file(String network, int layer) {
    return folder.resolve("%s_%s_%02d.npy".formatted(workload, network, layer));
  }

  void write(long seed) throws IOException {
    Files.createDirectories(folder);
    float[][] causes = causes(new SplittableRandom(seed));
    float[] noise = noise(new SplittableRandom(seed + 1));
    for (String network : List.of("a", "b")) {
      long own = seed * 1000 + network.charAt(0);
      IntStream.range(0, workload.widths().size())
          .parallel()
          .forEach(
              layer ->
                  write(network, layer, causes, noise, new SplittableRandom(own + 7919L * layer)));
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

  private static float[] noise(SplittableRandom random) {
    float[] noise = new float[NOISE_TABLE];
    for (int k = 0; k < noise.length; k++) {
      noise[k] = (float) (NOISE * random.nextGaussian());
    }
    return noise;
  }

  private void write(
      String network, int layer, float[][] causes, float[] noise, SplittableRandom random) {
    int width = workload.widths().get(layer);
    float[][] mixture = new float[CAUSES][width];
    for (float[] row : mixture) {
      for (int j = 0; j < width; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    try (MatrixFile file = MatrixFile.create(file(network, layer), causes.length, width)) {
      for (int from = 0; from < causes.length; from += CHUNK_ROWS) {
        int count = Math.min(CHUNK_ROWS, causes.length - from);
        float[] rows = new float[count * width];
        for (int i = 0; i < count; i++) {
          int place = random.nextInt(NOISE_TABLE - width);
          System.arraycopy(noise, place, rows, i * width, width);
          mix(causes[from + i], mixture, rows, i * width);
        }
        file.append(rows);
      }
      file.sync();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void mix(float[] causes, float[][] mixture, float[] rows, int at) {
    int width = mixture[0].length;
    for (int c = 0; c < CAUSES; c++) {
      for (int j = 0; j < width; j++) {
        rows[at + j] += causes[c] * mixture[c][j];
      }
    }
    for (int j = 0; j < width; j++) {
      rows[at + j] = Math.max(0, rows[at + j]);
    }
  }

  List<Representation> read(String network) throws IOException {
    List<Representation> layers = new ArrayList<>();
    for (int layer = 0; layer < workload.widths().size(); layer++) {
      try (MatrixFile file = open(network, layer)) {
        layers.add(Representation.of(network + layer, file.rows(0, workload.samples())));
      }
    }
    return layers;
  }

  MatrixFile open(String network, int layer) throws IOException {
    return MatrixFile.open(file(network, layer), workload.widths().get(layer));
  }
}
