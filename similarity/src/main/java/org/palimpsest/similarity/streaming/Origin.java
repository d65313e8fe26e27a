package org.palimpsest.similarity.streaming;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.FourSums;

/**
 * From where and in which unit a layer's deviations are counted.
 *
 * @param mean the provisional mean, p: that of the first batch
 * @param scale the unit, a power of two near the first batch's largest deviation
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record Origin(double[] mean, double scale) {

  private static final int BLOCK_ELEMENTS = 1 << 13;
  private static final int LEAST_EXPONENT = -200;
  private static final int GREATEST_EXPONENT = 200;
  private static final int MODERATE_EXPONENT = 100;

  static Origin of(INDArray firstBatch) {
    TensorReader reader = TensorReader.of(firstBatch);
    int rows = firstBatch.rows();
    int width = firstBatch.columns();
    double[] first = new double[width];
    reader.read(0, first);
    double[] sums = new double[width];
    double[] block = new double[Math.max(1, Math.min(rows, BLOCK_ELEMENTS / width)) * width];
    double largest = 0;
    for (int done = 0; done < rows; done += block.length / width) {
      int count = Math.min(rows - done, block.length / width);
      reader.read((long) done * width, block, count * width);
      for (int at = 0; at < count * width; at += width) {
        for (int j = 0; j < width; j++) {
          double deviation = block[at + j] - first[j];
          sums[j] += deviation;
          largest = Math.max(largest, Math.abs(deviation));
        }
      }
    }
    return new Origin(Vectors.plus(first, sums, 1.0 / rows), unit(largest));
  }

  private static double unit(double largest) {
    if (largest == 0 || !Double.isFinite(largest)) {
      return 1;
    }
    int exponent = Math.getExponent(largest);
    return Math.scalb(1.0, Math.max(LEAST_EXPONENT, Math.min(GREATEST_EXPONENT, exponent)));
  }

  /** Whether float32 can hold this unit and its inverse, with room for deviations. */
  boolean isModerate() {
    return Math.abs(Math.getExponent(scale)) <= MODERATE_EXPONENT;
  }

  /** The same for float32, so many samples at a time. */
  InFloat32 inSinglePrecision(int rows) {
    return InFloat32.of(this, rows);
  }

  /**
   * Rows (u, a, 1) of some samples: their deviations in this unit, the squared norm of these, and
   * one.
   *
   * @param samples rows of p, one after another
   * @param squares receives the squared norms, from {@code at} on
   */
  double[] shifted(double[] samples, double[] squares, int at) {
    int width = mean.length;
    int rows = samples.length / width;
    double[] shifted = new double[samples.length + 2 * rows];
    for (int i = 0; i < rows; i++) {
      int to = i * (width + 2);
      double square = 0;
      for (int j = 0; j < width; j++) {
        double value = (samples[i * width + j] - mean[j]) / scale;
        shifted[to + j] = value;
        square += value * value;
      }
      squares[at + i] = square;
      shifted[to + width] = square;
      shifted[to + width + 1] = 1;
    }
    return shifted;
  }

  /** Where the other origin lies, seen from here in units of here. */
  double[] towards(Origin other) {
    double[] step = new double[mean.length];
    for (int j = 0; j < step.length; j++) {
      step[j] = (other.mean[j] - mean[j]) / scale;
    }
    return step;
  }

  /**
   * Subtracts a provisional mean from some float32 samples at a time, in two steps: what float32
   * can hold of it, then the rest, so that a large mean costs no digit.
   *
   * @param origin whose mean it is
   * @param near the mean as float32, once for each of the samples: loops over arrays that share one
   *     index are vectorised
   * @param rest what that leaves of it, likewise
   * @param width p
   * @param factor one over the unit of deviations
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record InFloat32(Origin origin, float[] near, float[] rest, int width, float factor) {

    static InFloat32 of(Origin origin, int rows) {
      double[] mean = origin.mean;
      int width = mean.length;
      float[] near = new float[rows * width];
      float[] rest = new float[rows * width];
      for (int i = 0; i < near.length; i++) {
        near[i] = (float) mean[i % width];
        rest[i] = (float) (mean[i % width] - near[i]);
      }
      return new InFloat32(origin, near, rest, width, (float) (1 / origin.scale));
    }

    /** Whether it leads to this very origin. */
    boolean isOf(Origin other) {
      return origin == other;
    }

    /** How many samples it takes at a time. */
    int rows() {
      return near.length / width;
    }

    /**
     * Writes rows (u, a, 1): the deviations of a sample in the unit, their squared norm, and one.
     *
     * @param samples rows of p, one after another, which are overwritten
     * @param count how many, at most {@link #rows()}
     * @param squares receives the squared norms, from {@code at} on
     * @param shifted receives rows of p + 2
     */
    void apply(float[] samples, int count, double[] squares, int at, float[] shifted) {
      shift(samples, count * width);
      for (int i = 0; i < count; i++) {
        int to = i * (width + 2);
        System.arraycopy(samples, i * width, shifted, to, width);
        squares[at + i] = FourSums.ofSquares(samples, i * width, width);
        shifted[to + width] = (float) squares[at + i];
        shifted[to + width + 1] = 1;
      }
    }

    private void shift(float[] samples, int length) {
      for (int i = 0; i < length; i++) {
        samples[i] = (samples[i] - near[i] - rest[i]) * factor;
      }
    }
  }
}
