package org.palimpsest.similarity.kernel;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Medians by selection: a random sample brackets the wanted order statistic, one pass counts what
 * lies below the bracket, and only what lies in it is sorted. Cost: linear.
 */
final class PairMedian {

  private static final int SAMPLE = 1 << 14;
  private static final int MARGIN = 320;
  private static final int PART = 1 << 16;
  private static final long SEED = 20_171_127L;

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
    double upper = entry(triangle, pairs, n, entries / 2);
    if (entries % 2 == 1) {
      return upper;
    }
    return (entry(triangle, pairs, n, entries / 2 - 1) + upper) / 2;
  }

  /** Entry k in ascending order: n zeros come first, then each pair twice. */
  private static double entry(double[] triangle, int pairs, int n, long k) {
    return k < n ? 0 : smallest(triangle, pairs, (int) ((k - n) / 2));
  }

  /** Value k, counted from 0, of the first {@code length} values in ascending order. */
  static double smallest(double[] values, int length, int k) {
    if (length > 4 * SAMPLE) {
      double[] sample = sample(values, length);
      int near = (int) ((long) k * SAMPLE / length);
      double low = near < MARGIN ? Double.NEGATIVE_INFINITY : sample[near - MARGIN];
      double high = near + MARGIN >= SAMPLE ? Double.POSITIVE_INFINITY : sample[near + MARGIN];
      double[] within = within(values, length, low, high);
      int rank = k - countBelow(values, length, low);
      if (rank >= 0 && rank < within.length) {
        Arrays.parallelSort(within);
        return within[rank];
      }
    }
    double[] all = Arrays.copyOf(values, length);
    Arrays.parallelSort(all);
    return all[k];
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

  private static int countBelow(double[] values, int length, double low) {
    return parts(length)
        .map(
            part -> {
              int count = 0;
              for (int k = part * PART; k < Math.min(length, (part + 1) * PART); k++) {
                count += values[k] < low ? 1 : 0;
              }
              return count;
            })
        .sum();
  }

  private static double[] within(double[] values, int length, double low, double high) {
    double[][] parts =
        parts(length)
            .mapToObj(part -> withinPart(values, length, part, low, high))
            .toArray(double[][]::new);
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] withinPart(
      double[] values, int length, int part, double low, double high) {
    double[] found = new double[PART];
    int count = 0;
    for (int k = part * PART; k < Math.min(length, (part + 1) * PART); k++) {
      if (values[k] >= low && values[k] <= high) {
        found[count++] = values[k];
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static IntStream parts(int length) {
    return IntStream.range(0, (length + PART - 1) / PART).parallel();
  }
}
