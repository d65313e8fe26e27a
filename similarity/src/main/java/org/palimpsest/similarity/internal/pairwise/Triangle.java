package org.palimpsest.similarity.internal.pairwise;

/**
 * Where the pairs (i, j), i &lt; j, of n samples lie when row after row of the strict upper
 * triangle is put into one array.
 */
public final class Triangle {

  private Triangle() {}

  /** n (n − 1) / 2. */
  public static long size(long n) {
    return n * (n - 1) / 2;
  }

  /** Where the pair (i, i + 1) lies; (i, j) lies j − i − 1 further on. */
  public static int start(int n, int i) {
    return (int) ((long) i * (2L * n - i - 1) / 2);
  }

  /** Where the pair (i, j) lies, in either order. */
  public static int index(int n, int i, int j) {
    return i < j ? start(n, i) + j - i - 1 : start(n, j) + i - j - 1;
  }

  /**
   * The values of all pairs of samples in another order.
   *
   * @param triangle one value for each pair of n samples
   * @param order which sample comes where, each once
   * @param target receives them, row after row
   */
  public static void reorder(double[] triangle, int[] order, double[] target) {
    int k = 0;
    for (int i = 0; i < order.length; i++) {
      for (int j = i + 1; j < order.length; j++) {
        target[k++] = triangle[index(order.length, order[i], order[j])];
      }
    }
  }
}
