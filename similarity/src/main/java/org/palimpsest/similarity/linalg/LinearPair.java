package org.palimpsest.similarity.linalg;

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

  /** Xc'Yc, p × q. */
  Dense product();

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
}
