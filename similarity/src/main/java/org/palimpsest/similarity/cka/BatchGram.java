package org.palimpsest.similarity.cka;

import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FourSums;

/** The Gram matrix of one batch, looked at without its diagonal. */
sealed interface BatchGram {

  /** Makes those of the rows [from, to). */
  @FunctionalInterface
  interface Source {
    BatchGram of(int from, int to);
  }

  /**
   * @param gram m × m, its upper triangle filled at least
   */
  static BatchGram of(Dense gram) {
    return OfFloat64.of(gram);
  }

  /**
   * @param gram m × m, row after row, its upper triangle filled at least
   */
  static BatchGram of(int size, float[] gram) {
    return OfFloat32.of(size, gram);
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

  /**
   * In float32; sums of rows are float64.
   *
   * @param size m
   * @param gram m × m, its upper triangle filled
   * @param sums of each row, without the diagonal
   * @param squaredNorm of the whole matrix, with its diagonal
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record OfFloat32(int size, float[] gram, double[] sums, double squaredNorm) implements BatchGram {

    /** Of so many rows columns are summed in float32. */
    private static final int ROWS_AT_ONCE = 32;

    static OfFloat32 of(int size, float[] gram) {
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
      return new OfFloat32(size, gram, sums, squares);
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

  /**
   * In float64.
   *
   * @param gram m × m, its upper triangle filled
   * @param sums of each row, without the diagonal
   * @param squaredNorm of the whole matrix, with its diagonal
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record OfFloat64(Dense gram, double[] sums, double squaredNorm) implements BatchGram {

    static OfFloat64 of(Dense gram) {
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
      return new OfFloat64(gram, sums, squares);
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
}
