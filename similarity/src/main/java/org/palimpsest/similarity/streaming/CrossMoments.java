package org.palimpsest.similarity.streaming;

import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * Sums over the samples of two layers, of products of their deviations u and v from provisional
 * means and of the squared norms a = |u|² and b = |v|².
 *
 * @param products that of uv', p × q
 * @param squares that of a b
 * @param squaresOfA that of a v, q
 * @param squaresOfB that of b u, p
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record CrossMoments(Dense products, double squares, double[] squaresOfA, double[] squaresOfB) {

  static CrossMoments none(int p, int q) {
    return new CrossMoments(Dense.zeros(p, q), 0, new double[q], new double[p]);
  }

  /** The same with sums of its own. */
  CrossMoments copy() {
    return plus(none(squaresOfB.length, squaresOfA.length));
  }

  /** With a batch's sum of a b; its other sums are there already. */
  CrossMoments withSquares(double ofBatch) {
    return new CrossMoments(products, squares + ofBatch, squaresOfA, squaresOfB);
  }

  CrossMoments plus(CrossMoments other) {
    return new CrossMoments(
        Vectors.plus(products, other.products, 1),
        squares + other.squares,
        Vectors.plus(squaresOfA, other.squaresOfA, 1),
        Vectors.plus(squaresOfB, other.squaresOfB, 1));
  }

  /** The same samples in other units: u becomes f u, v becomes g v. */
  CrossMoments scaled(double f, double g) {
    return new CrossMoments(
        Vectors.times(products, f * g),
        f * f * g * g * squares,
        Vectors.times(squaresOfA, f * f * g),
        Vectors.times(squaresOfB, f * g * g));
  }

  /**
   * The same samples about other provisional means: u becomes u - s, v becomes v - t.
   *
   * @param ofA the first layer's own moments, before the change
   * @param ofB the second's
   */
  CrossMoments shifted(SideMoments ofA, double[] s, SideMoments ofB, double[] t) {
    double n = ofA.count();
    double c = Vectors.dot(s, s);
    double d = Vectors.dot(t, t);
    double alongA = Vectors.dot(s, ofA.sum());
    double alongB = Vectors.dot(t, ofB.sum());
    double[] imageOfS = Vectors.times(products.transpose(), s);
    double[] imageOfT = Vectors.times(products, t);
    double newSquaresOfA = ofA.squares() - 2 * alongA + n * c;
    double newSquaresOfB = ofB.squares() - 2 * alongB + n * d;
    double sum =
        squares
            - 2 * Vectors.dot(t, squaresOfA)
            + d * ofA.squares()
            - 2 * Vectors.dot(s, squaresOfB)
            + 4 * Vectors.dot(s, imageOfT)
            - 2 * d * alongA
            + c * ofB.squares()
            - 2 * c * alongB
            + n * c * d;
    return new CrossMoments(
        Vectors.shifted(products, ofA.sum(), ofB.sum(), s, t, n),
        sum,
        timesSquares(squaresOfA, imageOfS, c, ofB.sum(), newSquaresOfA, t),
        timesSquares(squaresOfB, imageOfT, d, ofA.sum(), newSquaresOfB, s));
  }

  /** The sum of a v after the change: of (a - 2 s'u + c)(v - t). */
  private static double[] timesSquares(
      double[] before, double[] image, double c, double[] sum, double newSquares, double[] t) {
    double[] after = new double[before.length];
    for (int j = 0; j < after.length; j++) {
      after[j] = before[j] - 2 * image[j] + c * sum[j] - t[j] * newSquares;
    }
    return after;
  }
}
