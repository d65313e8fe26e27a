package org.palimpsest.similarity;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/** Small matrices for tests, as rows. */
public final class Data {

  private Data() {}

  /** Independent normal numbers. */
  public static double[][] normal(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return values;
  }

  /** A generic layer: correlated features of unequal variance and mean. */
  public static double[][] layer(int rows, int columns, long seed) {
    double[][] values = times(normal(rows, columns, seed), normal(columns, columns, seed + 1));
    for (double[] row : values) {
      for (int j = 0; j < columns; j++) {
        row[j] += 0.5 * j - 1;
      }
    }
    return values;
  }

  /** A layer that is partly explained by another one. */
  public static double[][] relative(double[][] of, int columns, long seed) {
    double[][] explained = times(of, normal(of[0].length, columns, seed));
    double[][] own = layer(of.length, columns, seed + 2);
    return map(explained, (i, j, value) -> value + 2 * own[i][j]);
  }

  /** A layer whose rows are so many positions of each image. */
  public static Representation images(double[][] values, int positions) {
    Representation plain = representation("layer", values);
    Representation.Info info = plain.info();
    return new Representation(
        new Representation.Info(
            "layer", info.samples(), info.features(), positions, info.probes(), "view"),
        plain.matrix());
  }

  /** The product of two matrices. */
  public static double[][] times(double[][] a, double[][] b) {
    double[][] product = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < b[0].length; j++) {
          product[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return product;
  }

  /** What an entry becomes. */
  public interface Entry {
    double of(int row, int column, double value);
  }

  public static double[][] map(double[][] values, Entry entry) {
    double[][] mapped = new double[values.length][];
    for (int i = 0; i < values.length; i++) {
      mapped[i] = values[i].clone();
      for (int j = 0; j < mapped[i].length; j++) {
        mapped[i][j] = entry.of(i, j, mapped[i][j]);
      }
    }
    return mapped;
  }

  /** The rows in another order. */
  public static double[][] reorder(double[][] values, int[] order) {
    return IntStream.of(order).mapToObj(i -> values[i]).toArray(double[][]::new);
  }

  /** The columns in another order, or some of them. */
  public static double[][] columns(double[][] values, int[] order) {
    double[][] chosen = new double[values.length][];
    for (int i = 0; i < values.length; i++) {
      double[] row = values[i];
      chosen[i] = IntStream.of(order).mapToDouble(j -> row[j]).toArray();
    }
    return chosen;
  }

  public static int[] shuffled(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = IntStream.range(0, length).toArray();
    for (int i = length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    return order;
  }

  public static Representation representation(String layer, double[][] values) {
    return Representation.of(layer, Nd4j.createFromArray(values));
  }

  public static Representation single(String layer, double[][] values) {
    return Representation.of(layer, Nd4j.createFromArray(values).castTo(DataType.FLOAT));
  }
}
