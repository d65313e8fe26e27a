package org.palimpsest.similarity.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Medians by selection: a random sample brackets the wanted order statistic, one pass counts what
 * lies below the bracket, and only what lies in it is sorted. Cost: linear.
 */
final class PairMedian {

  static final int SAMPLE = 1 << 14;
  private static final int MARGIN = 320;
  private static final int PART = 1 << 13;
  static final long SEED = 20_171_127L;

  private PairMedian() {}

  /**
   * The median of all entries of a symmetric n × n matrix with zeros on the diagonal and no
   * negative entry.
   *
   * @param triangle holds its strict upper triangle first; what follows is not looked at
   */
  static double ofSymmetricMatrix(double[] triangle, int n) {
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
  static double smallest(double[] values, int length, int k) {
    return sumOf(values, length, k, k) / 2;
  }

  /** The sum of value k and value m, k no more than m. */
  private static double sumOf(double[] values, int length, int k, int m) {
    if (length > 4 * SAMPLE) {
      double[] sample = sample(values, length);
      int near = (int) ((long) k * SAMPLE / length);
      double low = near < MARGIN ? Double.NEGATIVE_INFINITY : sample[near - MARGIN];
      double high = near + MARGIN >= SAMPLE ? Double.POSITIVE_INFINITY : sample[near + MARGIN];
      List<Part> parts =
          parts(length).mapToObj(part -> bracket(values, length, part, low, high)).toList();
      double[] within = parts.stream().flatMapToDouble(p -> Arrays.stream(p.within())).toArray();
      int below = parts.stream().mapToInt(Part::below).sum();
      if (k >= below && m - below < within.length) {
        Arrays.parallelSort(within);
        return within[k - below] + within[m - below];
      }
    }
    double[] all = Arrays.copyOf(values, length);
    Arrays.parallelSort(all);
    return all[k] + all[m];
  }

  private static double[] sample(double[] values, int length) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] sample = new double[SAMPLE];
    for (int i = 0; i < SAMPLE; i++) {
      sample[i] = values[random.nextInt(length)];
    }
    Arrays.sort(sample);
    return sample;
  }

  /** What one part of the values holds below the bracket, and within it. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Part(int below, double[] within) {}

  /** Without a branch on the values, which come in no order that a processor could foresee. */
  private static Part bracket(double[] values, int length, int part, double low, double high) {
    int from = part * PART;
    int to = Math.min(length, from + PART);
    double[] found = new double[PART + 1];
    int below = 0;
    int count = 0;
    for (int k = from; k < to; k++) {
      double value = values[k];
      int notBelow = value >= low ? 1 : 0;
      int notAbove = value <= high ? 1 : 0;
      below += 1 - notBelow;
      found[count] = value;
      count += notBelow & notAbove;
    }
    return new Part(below, Arrays.copyOf(found, count));
  }

  private static IntStream parts(int length) {
    return IntStream.range(0, (length + PART - 1) / PART).parallel();
  }
}
