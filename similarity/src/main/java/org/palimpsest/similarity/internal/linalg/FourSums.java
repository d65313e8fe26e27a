package org.palimpsest.similarity.internal.linalg;

/** Sums of some successive numbers in four parts, so that no addition waits for another. */
public final class FourSums {

  private FourSums() {}

  /** Of the first numbers. */
  public static double of(double[] values, int count) {
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

  /** Of the squares of the first numbers. */
  public static double ofSquares(double[] values, int count) {
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

  /** In float64, of the numbers from a place on. */
  public static double of(float[] values, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = from + (count & -4);
    for (int k = from; k < even; k += 4) {
      a += values[k];
      b += values[k + 1];
      c += values[k + 2];
      d += values[k + 3];
    }
    for (int k = even; k < from + count; k++) {
      a += values[k];
    }
    return a + b + (c + d);
  }

  /** In float64, of the squares of the numbers from a place on. */
  public static double ofSquares(float[] values, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = from + (count & -4);
    for (int k = from; k < even; k += 4) {
      a += (double) values[k] * values[k];
      b += (double) values[k + 1] * values[k + 1];
      c += (double) values[k + 2] * values[k + 2];
      d += (double) values[k + 3] * values[k + 3];
    }
    for (int k = even; k < from + count; k++) {
      a += (double) values[k] * values[k];
    }
    return a + b + (c + d);
  }

  /** Of the products of the numbers from a place on of one array and of another. */
  public static double ofProducts(double[] x, int fromX, double[] y, int fromY, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = count & -4;
    for (int k = 0; k < even; k += 4) {
      a += x[fromX + k] * y[fromY + k];
      b += x[fromX + k + 1] * y[fromY + k + 1];
      c += x[fromX + k + 2] * y[fromY + k + 2];
      d += x[fromX + k + 3] * y[fromY + k + 3];
    }
    for (int k = even; k < count; k++) {
      a += x[fromX + k] * y[fromY + k];
    }
    return a + b + (c + d);
  }
}
