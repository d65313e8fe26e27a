package org.palimpsest.similarity.cka;

import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.FourSums;

/**
 * In float32; sums of rows are float64.
 *
 * @param size m
 * @param gram m × m, its upper triangle filled
 * @param sums of each row, without the diagonal
 * @param squaredNorm of the whole matrix, with its diagonal
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SingleBatchGram(int size, float[] gram, double[] sums, double squaredNorm)
    implements BatchGram {

  /** Of so many rows columns are summed in float32. */
  private static final int ROWS_AT_ONCE = 32;

  static SingleBatchGram of(int size, float[] gram) {
    double[] sums = new double[size];
    float[] some = new float[size];
    double squares = 0;
    for (int i = 0; i < size; i++) {
      int row = i * size;
      int count = size - i - 1;
      sums[i] += FourSums.of(gram, row + i + 1, count);
      squares += 2 * FourSums.ofSquares(gram, row + i + 1, count);
      squares += (double) gram[row + i] * gram[row + i];
      for (int j = i + 1; j < size; j++) {
        some[j] += gram[row + j];
      }
      if ((i + 1) % ROWS_AT_ONCE == 0 || i == size - 1) {
        moveTo(sums, some);
      }
    }
    return new SingleBatchGram(size, gram, sums, squares);
  }

  private static void moveTo(double[] sums, float[] some) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += some[j];
      some[j] = 0;
    }
  }

  @Override
  public double writeCentred(TensorWriter writer, long place) {
    float weight = (float) BatchGram.weight(size);
    double shift = BatchGram.shift(sums);
    double[] means = BatchGram.means(sums);
    float[] ofColumns = new float[size];
    for (int j = 0; j < size; j++) {
      ofColumns[j] = (float) means[j];
    }
    float[] entries = new float[size * (size - 1) / 2];
    int next = 0;
    for (int i = 0; i < size; i++) {
      int row = i * size + i + 1;
      int count = size - i - 1;
      float ofRow = (float) (shift - means[i]);
      for (int k = 0; k < count; k++) {
        entries[next + k] = weight * (gram[row + k] + ofRow - ofColumns[i + 1 + k]);
      }
      next += count;
    }
    writer.write(place, entries, entries.length);
    return FourSums.ofSquares(entries, 0, entries.length);
  }
}
