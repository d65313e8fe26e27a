package org.palimpsest.similarity.filters;

import java.util.SplittableRandom;

/**
 * Matrices whose rows, or columns where those are fewer, are orthogonal to each other and of one
 * length, as orthogonal starts make them (Saxe et al. 2014, arXiv:1312.6120).
 */
final class Orthogonal {

  /** Room for weights that were rounded to half precision. */
  private static final double TOLERANCE = 1e-3;

  private static final int LEAST_SIDE = 2;
  private static final int FIRST = 9;

  private Orthogonal() {}

  /** Whether a matrix is one, but for rounding. */
  static boolean is(double[] rows, int m, int d) {
    int side = Math.min(m, d);
    if (side < LEAST_SIDE) {
      return false;
    }
    if (!firstAreOrthogonal(rows, m, d)) {
      return false;
    }
    double[] gram = FilterProducts.smallerGram(rows, m, d);
    double trace = 0;
    for (int i = 0; i < side; i++) {
      trace += gram[i * side + i];
    }
    double unit = trace / side;
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        double expected = i == j ? unit : 0;
        if (!(Math.abs(gram[i * side + j] - expected) <= TOLERANCE * unit)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Tells most other matrices at little cost. */
  private static boolean firstAreOrthogonal(double[] rows, int m, int d) {
    boolean byRows = m <= d;
    int length = Math.max(m, d);
    int step = byRows ? 1 : d;
    int next = byRows ? d : 1;
    for (int other = 1; other < Math.min(Math.min(m, d), FIRST); other++) {
      double product = 0;
      double first = 0;
      double second = 0;
      for (int k = 0; k < length; k++) {
        double x = rows[k * step];
        double y = rows[k * step + other * next];
        product += x * y;
        first += x * x;
        second += y * y;
      }
      if (!(Math.abs(product) <= TOLERANCE * Math.max(first, second))) {
        return false;
      }
    }
    return true;
  }

  /** One drawn uniformly, row-major m × d. */
  static double[] draw(int m, int d, SplittableRandom random) {
    int side = Math.min(m, d);
    int length = Math.max(m, d);
    double[] basis = Seeds.gaussians(random, Math.multiplyExact(m, d));
    for (int i = 0; i < side; i++) {
      // Twice, since once leaves what rounding made of nearly parallel rows.
      removeEarlier(basis, i, length);
      removeEarlier(basis, i, length);
      normalise(basis, i * length, length);
    }
    return m <= d ? basis : transpose(basis, side, length);
  }

  private static void removeEarlier(double[] basis, int row, int length) {
    for (int earlier = 0; earlier < row; earlier++) {
      double product = 0;
      for (int k = 0; k < length; k++) {
        product += basis[row * length + k] * basis[earlier * length + k];
      }
      for (int k = 0; k < length; k++) {
        basis[row * length + k] -= product * basis[earlier * length + k];
      }
    }
  }

  private static void normalise(double[] basis, int start, int length) {
    double squares = 0;
    for (int k = start; k < start + length; k++) {
      squares += basis[k] * basis[k];
    }
    double norm = Math.sqrt(squares);
    for (int k = start; k < start + length; k++) {
      basis[k] /= norm;
    }
  }

  private static double[] transpose(double[] rows, int m, int d) {
    double[] transposed = new double[rows.length];
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < d; k++) {
        transposed[k * m + i] = rows[i * d + k];
      }
    }
    return transposed;
  }
}
