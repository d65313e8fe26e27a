package org.palimpsest.similarity.cka;

import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * In float64.
 *
 * @param gram m × m, its upper triangle filled
 * @param sums of each row, without the diagonal
 * @param squaredNorm of the whole matrix, with its diagonal
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record DoubleBatchGram(Dense gram, double[] sums, double squaredNorm) implements BatchGram {

  static DoubleBatchGram of(Dense gram) {
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
    return new DoubleBatchGram(gram, sums, squares);
  }

  @Override
  public double writeCentred(TensorWriter writer, long place) {
    int size = gram.rows();
    double shift = BatchGram.shift(sums);
    double weight = BatchGram.weight(size);
    double[] means = BatchGram.means(sums);
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
