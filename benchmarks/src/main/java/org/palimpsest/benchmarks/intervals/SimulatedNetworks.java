package org.palimpsest.benchmarks.intervals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.palimpsest.core.internal.random.RandomStreams;

/**
 * Two networks whose layers have ever less to do with each other, as a folder of NPY files each:
 * {@code SimulatedNetworks FOLDER IMAGES}. The picture in {@code docs/uncertainty.md} is made of
 * them.
 */
public final class SimulatedNetworks {

  private static final int LAYERS = 8;
  private static final int LATENT = 12;
  private static final int WIDTH = 48;

  private SimulatedNetworks() {}

  public static void main(String[] arguments) throws IOException {
    int images = Integer.parseInt(arguments[1]);
    double[][] shared = normal(images, LATENT, RandomStreams.of(1, 0));
    for (int network = 0; network < 2; network++) {
      Path folder = Path.of(arguments[0], network == 0 ? "a" : "b");
      Files.createDirectories(folder);
      for (int layer = 0; layer < LAYERS; layer++) {
        SplittableRandom random = RandomStreams.of(2 + network, layer);
        double related = Math.max(0, 0.95 - 0.18 * layer);
        write(folder.resolve("layer" + layer + ".npy"), layer(shared, related, random));
      }
    }
  }

  private static double[][] layer(double[][] shared, double related, SplittableRandom random) {
    double[][] own = normal(shared.length, LATENT, random);
    double[][] weights = normal(LATENT, WIDTH, random);
    double[][] layer = new double[shared.length][WIDTH];
    for (int i = 0; i < shared.length; i++) {
      for (int j = 0; j < WIDTH; j++) {
        double sum = 0;
        for (int k = 0; k < LATENT; k++) {
          double latent = related * shared[i][k] + Math.sqrt(1 - related * related) * own[i][k];
          sum += latent * weights[k][j] / Math.sqrt(k + 1.0);
        }
        layer[i][j] = Math.max(0, sum);
      }
    }
    return layer;
  }

  private static double[][] normal(int rows, int columns, SplittableRandom random) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return values;
  }

  private static void write(Path file, double[][] values) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s, %s), }"
            .formatted(values.length, values[0].length);
    int padded = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    byte[] text =
        (header + " ".repeat(padded - header.length() - 1) + "\n")
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + padded + 4 * values.length * values[0].length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) padded).put(text);
    for (double[] row : values) {
      for (double value : row) {
        bytes.putFloat((float) value);
      }
    }
    Files.write(file, bytes.array());
  }
}
