package org.palimpsest.similarity.streaming;

/**
 * Takes a provisional mean off float32 samples, in two steps: what float32 can hold of it, then the
 * rest, so that a large mean costs no digit.
 *
 * @param near the mean as float32
 * @param rest what that leaves of it
 * @param factor one over the unit of deviations
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record SingleShift(float[] near, float[] rest, float factor) {

  static SingleShift of(double[] mean, double unit) {
    float[] near = new float[mean.length];
    float[] rest = new float[mean.length];
    for (int j = 0; j < mean.length; j++) {
      near[j] = (float) mean[j];
      rest[j] = (float) (mean[j] - near[j]);
    }
    return new SingleShift(near, rest, (float) (1 / unit));
  }

  int width() {
    return near.length;
  }

  /**
   * Writes rows (u, a, 1): the deviations of a sample in the unit, their squared norm, and one.
   *
   * @param samples rows of p, one after another
   * @param squares receives the squared norms, from {@code at} on
   * @param shifted receives rows of p + 2
   */
  void apply(float[] samples, int rows, double[] squares, int at, float[] shifted) {
    int width = width();
    for (int i = 0; i < rows; i++) {
      int to = i * (width + 2);
      shiftRow(samples, i * width, shifted, to);
      squares[at + i] = square(shifted, to);
      shifted[to + width] = (float) squares[at + i];
      shifted[to + width + 1] = 1;
    }
  }

  private void shiftRow(float[] samples, int from, float[] shifted, int to) {
    for (int j = 0; j < near.length; j++) {
      shifted[to + j] = (samples[from + j] - near[j] - rest[j]) * factor;
    }
  }

  /** In four sums, so that one addition need not wait for another. */
  private double square(float[] values, int from) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = from + (near.length & -4);
    for (int i = from; i < even; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (int i = even; i < from + near.length; i++) {
      a += (double) values[i] * values[i];
    }
    return a + b + (c + d);
  }
}
