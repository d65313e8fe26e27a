package org.palimpsest.similarity.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/**
 * Medians by counting: the leading digits of float32 put every value into a bin, no bin above the
 * next one, and only the values of the bin in the middle are sorted. Cost: linear, unless most
 * values share a bin.
 */
final class PairMedian {

  /** All of a non-negative float32 but its sign and the last 15 digits of its mantissa. */
  private static final int BINS = 1 << 16;

  private static final int DROPPED_BITS = 15;
  private static final int PARTS = 8;
  private static final int PIECE = 1 << 12;

  private PairMedian() {}

  /**
   * The median of all entries of a symmetric n × n matrix with zeros on the diagonal and no
   * negative entry.
   *
   * @param triangle holds its strict upper triangle first; what follows is not looked at
   */
  static double ofSymmetricMatrix(TriangleValues triangle, int n) {
    int pairs = n * (n - 1) / 2;
    long entries = (long) n * n;
    long upper = entries / 2;
    if (entries % 2 == 1) {
      return upper < n ? 0 : smallest(triangle, pairs, rank(upper, n));
    }
    if (upper < n) {
      return 0;
    }
    int rank = rank(upper, n);
    if (upper - 1 < n) {
      return smallest(triangle, pairs, rank) / 2;
    }
    return sumOf(triangle, pairs, rank(upper - 1, n), rank) / 2;
  }

  /** Of entry k in ascending order among the pairs: n zeros come first, then each pair twice. */
  private static int rank(long k, int n) {
    return (int) ((k - n) / 2);
  }

  /** Value k, counted from 0, of the first {@code length} values in ascending order. */
  static double smallest(TriangleValues values, int length, int k) {
    return sumOf(values, length, k, k) / 2;
  }

  /** The sum of value k and value m, m the same or the next. */
  private static double sumOf(TriangleValues values, int length, int k, int m) {
    int[] counts = counts(values, length);
    int first = 0;
    int below = 0;
    while (below + counts[first] <= k) {
      below += counts[first++];
    }
    int last = first;
    int notAbove = below + counts[first];
    while (notAbove <= m) {
      notAbove += counts[++last];
    }
    double[] within = within(values, length, first, last);
    Arrays.parallelSort(within);
    return within[k - below] + within[m - below];
  }

  private static int bin(double value) {
    return Float.floatToRawIntBits((float) (value + 0.0)) >>> DROPPED_BITS;
  }

  /** How many values lie in each bin. */
  private static int[] counts(TriangleValues values, int length) {
    List<int[]> parts = parts().mapToObj(part -> counts(values, length, part)).toList();
    int[] counts = new int[BINS];
    for (int[] ofPart : parts) {
      for (int bin = 0; bin < BINS; bin++) {
        counts[bin] += ofPart[bin];
      }
    }
    return counts;
  }

  private static int[] counts(TriangleValues values, int length, int part) {
    int[] counts = new int[BINS];
    double[] piece = new double[PIECE];
    for (int from = bound(length, part); from < bound(length, part + 1); from += PIECE) {
      int count = Math.min(PIECE, bound(length, part + 1) - from);
      values.read(from, count, piece);
      for (int k = 0; k < count; k++) {
        counts[bin(piece[k])]++;
      }
    }
    return counts;
  }

  /** The values in some successive bins. */
  private static double[] within(TriangleValues values, int length, int first, int last) {
    return parts()
        .mapToObj(part -> within(values, length, first, last, part))
        .reduce(PairMedian::joined)
        .orElseThrow();
  }

  private static double[] joined(double[] some, double[] others) {
    double[] all = Arrays.copyOf(some, some.length + others.length);
    System.arraycopy(others, 0, all, some.length, others.length);
    return all;
  }

  /** One comparison, which a processor foresees, where two would be a toss of a coin. */
  private static double[] within(TriangleValues values, int length, int first, int last, int part) {
    double[] piece = new double[PIECE];
    double[] found = new double[PIECE];
    int size = 0;
    for (int from = bound(length, part); from < bound(length, part + 1); from += PIECE) {
      int count = Math.min(PIECE, bound(length, part + 1) - from);
      values.read(from, count, piece);
      for (int k = 0; k < count; k++) {
        if (Integer.compareUnsigned(bin(piece[k]) - first, last - first) <= 0) {
          found = size < found.length ? found : Arrays.copyOf(found, 2 * size);
          found[size++] = piece[k];
        }
      }
    }
    return Arrays.copyOf(found, size);
  }

  private static IntStream parts() {
    return IntStream.range(0, PARTS).parallel();
  }

  /** Where a part of the values begins. */
  private static int bound(int length, int part) {
    return (int) ((long) length * part / PARTS);
  }
}
