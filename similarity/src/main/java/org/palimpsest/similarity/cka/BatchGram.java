package org.palimpsest.similarity.cka;

import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.Dense;

/** The Gram matrix of one batch, looked at without its diagonal. */
sealed interface BatchGram permits SingleBatchGram, DoubleBatchGram {

  /** Makes those of the rows [from, to). */
  @FunctionalInterface
  interface Source {
    BatchGram of(int from, int to);
  }

  /**
   * @param gram m × m, its upper triangle filled at least
   */
  static BatchGram of(Dense gram) {
    return DoubleBatchGram.of(gram);
  }

  /**
   * @param gram m × m, row after row, its upper triangle filled at least
   */
  static BatchGram of(int size, float[] gram) {
    return SingleBatchGram.of(size, gram);
  }

  /** Of the whole matrix, with its diagonal. */
  double squaredNorm();

  /**
   * U-centred, above the diagonal, times sqrt(2 / (m - 3)).
   *
   * @return the squared norm of what was written
   */
  double writeCentred(TensorWriter writer, long place);

  /** What that takes off each row and column, of which there is one sum without the diagonal. */
  static double[] means(double[] sums) {
    double[] means = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      means[i] = sums[i] / (sums.length - 2);
    }
    return means;
  }

  /** What that puts back. */
  static double shift(double[] sums) {
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total / (sums.length - 1) / (sums.length - 2);
  }

  /** What that multiplies with. */
  static double weight(int size) {
    return Math.sqrt(2.0 / (size - 3));
  }
}
