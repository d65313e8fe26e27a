package org.palimpsest.similarity.cka;

import java.util.Arrays;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.linalg.Dense;

/**
 * The Gram matrix of one batch, looked at without its diagonal.
 *
 * @param gram m × m, its upper triangle filled
 * @param sums of each row, without the diagonal
 * @param squaredNorm of the whole matrix, with its diagonal
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record BatchGram(Dense gram, double[] sums, double squaredNorm) {

  /** Makes Gram matrices, their upper triangles filled at least, of the rows [from, to). */
  @FunctionalInterface
  interface Source {
    Dense upper(int from, int to);
  }

  static BatchGram of(Dense gram) {
    int size = gram.rows();
    double[] values = gram.values();
    double[] sums = new double[size];
    double squares = 0;
    for (int i = 0; i < size; i++) {
      int row = i * size;
      double own = 0;
      double square = 0;
      for (int j = i + 1; j < size; j++) {
        double value = values[row + j];
        own += value;
        square += value * value;
        sums[j] += value;
      }
      sums[i] += own;
      squares += values[row + i] * values[row + i] + 2 * square;
    }
    return new BatchGram(gram, sums, squares);
  }

  /**
   * U-centred, above the diagonal, times sqrt(2 / (m - 3)).
   *
   * @return the squared norm of what was written
   */
  double writeCentred(TensorWriter writer, long place) {
    int size = gram.rows();
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    double shift = total / (size - 1) / (size - 2);
    double weight = Math.sqrt(2.0 / (size - 3));
    double[] means = Arrays.stream(sums).map(sum -> sum / (size - 2)).toArray();
    double[] entries = new double[size * (size - 1) / 2];
    double square = 0;
    int next = 0;
    for (int i = 0; i < size; i++) {
      int row = i * size;
      double ofRow = shift - means[i];
      for (int j = i + 1; j < size; j++) {
        double entry = weight * (gram.values()[row + j] + ofRow - means[j]);
        entries[next++] = entry;
        square += entry * entry;
      }
    }
    writer.write(place, entries, entries.length);
    return square;
  }
}
