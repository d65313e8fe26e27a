package org.palimpsest.similarity.shape;

import org.palimpsest.similarity.linalg.Axes;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.LinearPair;
import org.palimpsest.similarity.linalg.LinearSide;
import org.palimpsest.similarity.linalg.RankTolerance;

/** What the measures of the best rotation share. */
final class Alignment {

  private Alignment() {}

  /**
   * A matrix with the singular values of Xc'Yc. A layer of more features than samples stands in its
   * principal axes, of which there are fewer.
   */
  static Dense product(LinearPair pair) {
    if (!isWide(pair.a()) && !isWide(pair.b())) {
      return pair.product();
    }
    Axes ofA = pair.a().axes(RankTolerance.automatic());
    Axes ofB = pair.b().axes(RankTolerance.automatic());
    return scaled(pair.product(ofA, ofB), ofA.singularValues(), ofB.singularValues());
  }

  private static boolean isWide(LinearSide layer) {
    return layer.info().features() > layer.info().samples();
  }

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
