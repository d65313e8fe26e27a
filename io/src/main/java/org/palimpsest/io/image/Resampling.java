package org.palimpsest.io.image;

/**
 * Resizing along one axis with a triangular filter, as wide as one step of the coarser grid:
 * bilinear interpolation where the image grows, weighted area averages where it shrinks (as
 * Pillow's {@code BILINEAR}). Pixels are squares, so the first centre lies at half a pixel.
 */
final class Resampling {

  private Resampling() {}

  /** Resizes each row of a matrix. */
  static double[] resize(double[] matrix, int rows, int columns, int newColumns) {
    double scale = (double) columns / newColumns;
    double support = Math.max(1, scale);
    double[] resized = new double[rows * newColumns];
    for (int to = 0; to < newColumns; to++) {
      double centre = (to + 0.5) * scale;
      int first = Math.max(0, (int) (centre - support + 0.5));
      int last = Math.min(columns, (int) (centre + support + 0.5));
      double[] weights = weights(first, last, centre, support);
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int from = first; from < last; from++) {
          sum += weights[from - first] * matrix[row * columns + from];
        }
        resized[row * newColumns + to] = sum;
      }
    }
    return resized;
  }

  private static double[] weights(int first, int last, double centre, double support) {
    double[] weights = new double[last - first];
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      double distance = Math.abs((first + i - centre + 0.5) / support);
      weights[i] = Math.max(0, 1 - distance);
      total += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= total;
    }
    return weights;
  }

  static double[] transpose(double[] matrix, int rows, int columns) {
    double[] turned = new double[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        turned[column * rows + row] = matrix[row * columns + column];
      }
    }
    return turned;
  }
}
