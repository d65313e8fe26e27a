package org.palimpsest.similarity.shape;

import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.similarity.linalg.Basis;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.Products;
import org.palimpsest.similarity.linalg.RankTolerance;

/** What the measures of the best rotation share. */
final class Alignment {

  private Alignment() {}

  /**
   * A matrix with the singular values of Xc'Yc. A layer of more features than samples stands in its
   * principal axes, of which there are fewer.
   */
  static Dense product(CentredLayer a, CentredLayer b) {
    if (!isWide(a) && !isWide(b)) {
      return Products.transposeTimes(a.matrix(), b.matrix());
    }
    Basis ofA = a.basis(RankTolerance.automatic());
    Basis ofB = b.basis(RankTolerance.automatic());
    return scaled(
        Products.transposeTimes(ofA.vectors(), ofB.vectors()),
        ofA.singularValues(),
        ofB.singularValues());
  }

  private static boolean isWide(CentredLayer layer) {
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

  static Diagnostics diagnostics(CentredLayer a) {
    return Diagnostics.of(a.info().samples());
  }
}
