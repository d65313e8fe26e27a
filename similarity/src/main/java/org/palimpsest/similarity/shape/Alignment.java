package org.palimpsest.similarity.shape;

import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearPair;

/** What the measures of the best rotation share. */
final class Alignment {

  private Alignment() {}

  /**
   * Angles up to this are less than about ten thousand times what the cosine of float32 products
   * loses.
   */
  static final double NEAR_ZERO = 0.1;

  private static final double ROUNDING = 1e-9;

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

  /**
   * The cosine between two shapes after the best rotation, |Xc'Yc|* / (|Xc| |Yc|).
   *
   * <p>Its rounding alone, some 1e-14, is an angle of 1e-7; layers that hold the same numbers are
   * spared that.
   */
  static double cosine(
      LinearPair pair, double nuclearNorm, double squaredNormA, double squaredNormB) {
    double cosine = Math.min(1, nuclearNorm / Math.sqrt(squaredNormA * squaredNormB));
    return cosine > 1 - ROUNDING && pair.isOfEqualLayers() ? 1 : cosine;
  }
}
