package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;

/**
 * What linear measures need of two layers together, whether both lie in memory or only their
 * co-moments were kept.
 */
public interface LinearPair {

  LinearSide a();

  LinearSide b();

  /** n, the number of samples. */
  default long samples() {
    return a().info().samples();
  }

  /** Whether every product of the pair is computed in float64. */
  boolean isFloat64();

  /** The same pair with all products in float64, or nothing if only float32 ones were kept. */
  Optional<LinearPair> inFloat64();

  /** Whether it is known that both layers hold the same numbers, to the last bit. */
  default boolean isOfEqualLayers() {
    return false;
  }

  /** Xc'Yc, p × q. */
  Dense product();

  /** A matrix with the singular values of Xc'Yc: that itself, or a smaller one. */
  default Dense alignment() {
    return product();
  }

  /** |Xc'Yc|². */
  double squaredProduct();

  /** Qx'Qy for axes of either layer. */
  Dense product(Axes ofA, Axes ofB);

  /** |Qy'Xc|² for axes of b. */
  double squaredProjectionOfA(Axes ofB);

  /** |Qx'Yc|² for axes of a. */
  double squaredProjectionOfB(Axes ofA);

  /** Sums over the diagonals of the layers' Gram matrices. */
  DiagonalSums diagonals();

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
}
