package org.palimpsest.similarity.kernel;

/** Sums of the first numbers of an array, in four parts, so that no addition waits for another. */
final class FourSums {

  private FourSums() {}

  static double of(double[] values, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = count & -4;
    for (int k = 0; k < even; k += 4) {
      a += values[k];
      b += values[k + 1];
      c += values[k + 2];
      d += values[k + 3];
    }
    for (int k = even; k < count; k++) {
      a += values[k];
    }
    return a + b + (c + d);
  }

  static double ofSquares(double[] values, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = count & -4;
    for (int k = 0; k < even; k += 4) {
      a += values[k] * values[k];
      b += values[k + 1] * values[k + 1];
      c += values[k + 2] * values[k + 2];
      d += values[k + 3] * values[k + 3];
    }
    for (int k = even; k < count; k++) {
      a += values[k] * values[k];
    }
    return a + b + (c + d);
  }
}
