package org.palimpsest.similarity.internal.linalg;

/**
 * Sums over samples of the squared row norms d of Xc and e of Yc.
 *
 * @param ofA the sum of d
 * @param ofB the sum of e
 * @param squaresOfA the sum of d²
 * @param squaresOfB the sum of e²
 * @param products the sum of d e
 */
public record DiagonalSums(
    double ofA, double ofB, double squaresOfA, double squaresOfB, double products) {

  /**
   * @param a d of each row
   * @param b e of each row
   */
  static DiagonalSums of(double[] a, double[] b) {
    double ofA = 0;
    double ofB = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    double products = 0;
    for (int i = 0; i < a.length; i++) {
      ofA += a[i];
      ofB += b[i];
      squaresOfA += a[i] * a[i];
      squaresOfB += b[i] * b[i];
      products += a[i] * b[i];
    }
    return new DiagonalSums(ofA, ofB, squaresOfA, squaresOfB, products);
  }
}
