package org.palimpsest.similarity.linalg;

/**
 * Sums over samples of the squared row norms d of Xc and e of Yc, where a sample that counts w
 * times must not be taken for w independent ones.
 *
 * @param ofA the sum of w² d
 * @param ofB the sum of w² e
 * @param squaresOfA the sum of w² d²
 * @param squaresOfB the sum of w² e²
 * @param products the sum of w² d e
 * @param cubicSquaresOfA the sum of w³ d²
 * @param cubicSquaresOfB the sum of w³ e²
 * @param cubicProducts the sum of w³ d e
 */
public record DiagonalSums(
    double ofA,
    double ofB,
    double squaresOfA,
    double squaresOfB,
    double products,
    double cubicSquaresOfA,
    double cubicSquaresOfB,
    double cubicProducts) {

  /**
   * Of rows that were multiplied by the root of their weight.
   *
   * @param a w d of each row
   * @param b w e of each row
   * @param weights w of each row
   */
  static DiagonalSums of(double[] a, double[] b, double[] weights) {
    double[] sums = new double[8];
    for (int i = 0; i < a.length; i++) {
      double w = weights[i];
      sums[0] += w * a[i];
      sums[1] += w * b[i];
      sums[2] += a[i] * a[i];
      sums[3] += b[i] * b[i];
      sums[4] += a[i] * b[i];
      sums[5] += w * a[i] * a[i];
      sums[6] += w * b[i] * b[i];
      sums[7] += w * a[i] * b[i];
    }
    return of(sums);
  }

  /** The sums in the order of the components. */
  public static DiagonalSums of(double[] sums) {
    return new DiagonalSums(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]);
  }
}
