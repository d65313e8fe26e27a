package org.palimpsest.similarity;

import java.util.Arrays;
import org.palimpsest.core.measure.MeasureProperties.Transformation;

/** Does to a layer what a {@link Transformation} says. */
final class Transformed {

  private Transformed() {}

  static double[][] by(Transformation transformation, double[][] layer, long seed) {
    int width = layer[0].length;
    return switch (transformation) {
      case ROTATION -> Data.times(layer, rotation(width, seed));
      case FEATURE_PERMUTATION -> Data.columns(layer, moved(width, seed));
      case ISOTROPIC_SCALING -> Data.map(layer, (i, j, value) -> 3.7 * value);
      case TRANSLATION -> Data.map(layer, (i, j, value) -> value + 0.9 * j + 2.3);
      case INVERTIBLE_LINEAR_MAP -> Data.times(layer, invertible(width, seed));
      case ZERO_PADDING -> padded(layer, 3);
      case SAMPLE_REORDERING_IN_BOTH, SAMPLE_REORDERING_IN_ONE ->
          Data.reorder(layer, Data.shuffled(layer.length, seed));
    };
  }

  /** Another order than the one that is there. */
  private static int[] moved(int length, long seed) {
    int[] order = Data.shuffled(length, seed);
    boolean same = true;
    for (int i = 0; i < length; i++) {
      same &= order[i] == i;
    }
    return same ? moved(length, seed + 1) : order;
  }

  private static double[][] padded(double[][] layer, int more) {
    return Arrays.stream(layer)
        .map(row -> Arrays.copyOf(row, row.length + more))
        .toArray(double[][]::new);
  }

  /** A product of two reflections for each pair of axes: a rotation that moves all of them. */
  private static double[][] rotation(int width, long seed) {
    double[][] rotation = identity(width);
    double[][] mirrors = Data.normal(width, width, seed);
    for (double[] mirror : mirrors) {
      rotation = reflected(rotation, mirror);
    }
    return rotation;
  }

  private static double[][] reflected(double[][] matrix, double[] mirror) {
    double square = Arrays.stream(mirror).map(v -> v * v).sum();
    double[][] reflected = new double[matrix.length][];
    for (int i = 0; i < matrix.length; i++) {
      double along = 0;
      for (int j = 0; j < mirror.length; j++) {
        along += matrix[i][j] * mirror[j];
      }
      reflected[i] = matrix[i].clone();
      for (int j = 0; j < mirror.length; j++) {
        reflected[i][j] -= 2 * along / square * mirror[j];
      }
    }
    return reflected;
  }

  /** Far from orthogonal, far from singular. */
  private static double[][] invertible(int width, long seed) {
    double[][] stretched =
        Data.map(rotation(width, seed), (i, j, value) -> value * (0.3 + 1.5 * i));
    return Data.times(rotation(width, seed + 1), stretched);
  }

  private static double[][] identity(int width) {
    return Data.map(new double[width][width], (i, j, value) -> i == j ? 1 : 0);
  }
}
