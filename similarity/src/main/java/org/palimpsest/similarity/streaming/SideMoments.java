package org.palimpsest.similarity.streaming;

import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * Sums over the samples of one layer, of its deviations u from a provisional mean and of their
 * squared norms a = |u|².
 *
 * @param count the number of samples
 * @param sum that of u, p
 * @param gram that of uu', p × p
 * @param squares that of a
 * @param squaresSquared that of a²
 * @param squaresTimes that of a u, p
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record SideMoments(
    double count,
    double[] sum,
    Dense gram,
    double squares,
    double squaresSquared,
    double[] squaresTimes) {

  static SideMoments none(int width) {
    return new SideMoments(
        0, new double[width], Dense.zeros(width, width), 0, 0, new double[width]);
  }

  int width() {
    return sum.length;
  }

  /**
   * The same with more samples counted, whose other sums are there already.
   *
   * @param moreSquares the sum of their a
   * @param moreSquaresSquared that of their a²
   */
  SideMoments counting(double samples, double moreSquares, double moreSquaresSquared) {
    return new SideMoments(
        count + samples,
        sum,
        gram,
        squares + moreSquares,
        squaresSquared + moreSquaresSquared,
        squaresTimes);
  }

  /** Adds the moments of other samples about the same provisional mean. */
  SideMoments plus(SideMoments other) {
    return new SideMoments(
        count + other.count,
        Vectors.plus(sum, other.sum, 1),
        Vectors.plus(gram, other.gram, 1),
        squares + other.squares,
        squaresSquared + other.squaresSquared,
        Vectors.plus(squaresTimes, other.squaresTimes, 1));
  }

  /** The mean of u: where the true mean lies, seen from the provisional one. */
  double[] mean() {
    return Vectors.times(sum, 1 / count);
  }

  /** The same samples in another unit: u becomes f u. */
  SideMoments scaled(double f) {
    return new SideMoments(
        count,
        Vectors.times(sum, f),
        Vectors.times(gram, f * f),
        f * f * squares,
        f * f * f * f * squaresSquared,
        Vectors.times(squaresTimes, f * f * f));
  }

  /**
   * The same samples about another provisional mean: u becomes u - s, a becomes a - 2 s'u + |s|².
   */
  SideMoments shifted(double[] s) {
    double c = Vectors.dot(s, s);
    double along = Vectors.dot(s, sum);
    double[] image = Vectors.times(gram, s);
    double[] times = new double[width()];
    for (int j = 0; j < times.length; j++) {
      times[j] =
          squaresTimes[j] - s[j] * (squares - 2 * along + count * c) - 2 * image[j] + c * sum[j];
    }
    return new SideMoments(
        count,
        Vectors.plus(sum, s, -count),
        Vectors.shifted(gram, sum, sum, s, s, count),
        squares - 2 * along + count * c,
        squaresSquared
            + 4 * Vectors.dot(s, image)
            + count * c * c
            - 4 * Vectors.dot(s, squaresTimes)
            + 2 * c * squares
            - 4 * c * along,
        times);
  }
}
