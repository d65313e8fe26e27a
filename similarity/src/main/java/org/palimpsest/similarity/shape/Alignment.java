package org.palimpsest.similarity.shape;

import org.palimpsest.similarity.internal.linalg.Dense;

/** What the measures of the best rotation share. */
final class Alignment {

  private Alignment() {}

  /**
   * Angles up to this are less than about ten thousand times what the cosine of float32 products
   * loses.
   */
  static final double NEAR_ZERO = 0.1;

  /** diag(left) M diag(right). */
  static Dense scaled(Dense matrix, double[] left, double[] right) {
    Dense scaled = Dense.zeros(matrix.rows(), matrix.columns());
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.columns(); j++) {
        scaled.values()[i * matrix.columns() + j] = left[i] * matrix.get(i, j) * right[j];
      }
    }
    return scaled;
  }

  /** The cosine between two shapes after the best rotation, |Xc'Yc|* / (|Xc| |Yc|). */
  static double cosine(double nuclearNorm, double squaredNormA, double squaredNormB) {
    return Math.min(1, nuclearNorm / Math.sqrt(squaredNormA * squaredNormB));
  }
}
