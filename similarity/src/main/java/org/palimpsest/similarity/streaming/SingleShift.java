package org.palimpsest.similarity.streaming;

import org.palimpsest.similarity.internal.linalg.FourSums;

/**
 * Takes a provisional mean off some float32 samples at a time, in two steps: what float32 can hold
 * of it, then the rest, so that a large mean costs no digit.
 *
 * @param near the mean as float32, once for each of the samples: loops over arrays that share one
 *     index are vectorised
 * @param rest what that leaves of it, likewise
 * @param width p
 * @param factor one over the unit of deviations
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SingleShift(float[] near, float[] rest, int width, float factor) {

  static SingleShift of(double[] mean, double unit, int rows) {
    int width = mean.length;
    float[] near = new float[rows * width];
    float[] rest = new float[rows * width];
    for (int i = 0; i < near.length; i++) {
      near[i] = (float) mean[i % width];
      rest[i] = (float) (mean[i % width] - near[i]);
    }
    return new SingleShift(near, rest, width, (float) (1 / unit));
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
