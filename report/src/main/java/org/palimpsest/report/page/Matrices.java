package org.palimpsest.report.page;

import java.util.Arrays;
import java.util.List;

/** Matrices of figures; NaN is a figure that there is not. */
final class Matrices {

  private Matrices() {}

  static double[][] missing(int rows, int columns) {
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      Arrays.fill(row, Double.NaN);
    }
    return matrix;
  }

  /** Entry by entry, the mean of those that are there. */
  static double[][] mean(List<double[][]> matrices) {
    double[][] first = matrices.get(0);
    double[][] mean = missing(first.length, first.length == 0 ? 0 : first[0].length);
    for (int i = 0; i < mean.length; i++) {
      for (int j = 0; j < mean[i].length; j++) {
        double sum = 0;
        int count = 0;
        for (double[][] matrix : matrices) {
          if (!Double.isNaN(matrix[i][j])) {
            sum += matrix[i][j];
            count++;
          }
        }
        mean[i][j] = count == 0 ? Double.NaN : sum / count;
      }
    }
    return mean;
  }
}
