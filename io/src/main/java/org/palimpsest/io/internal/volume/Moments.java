package org.palimpsest.io.internal.volume;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Mean and standard deviation (population) of voxels.
 *
 * @param count of how many voxels; the others are 0 if there is none
 */
public record Moments(long count, double mean, double deviation) {

  private static final int BLOCK = 1 << 16;

  /** Which values count. */
  interface Filter {
    boolean takes(float value);
  }

  /**
   * @param within of which voxels; of all if empty
   */
  static Moments of(float[] values, Optional<BitSet> within) {
    return of(List.of(values), within.isPresent() ? (v, i) -> within.get().get(i) : (v, i) -> true);
  }

  /** Of all values of several arrays that a filter takes. */
  static Moments of(List<float[]> arrays, Filter filter) {
    return of(arrays, (values, i) -> filter.takes(values[i]));
  }

  private interface Choice {
    boolean takes(float[] values, int index);
  }

  /** In two passes; blocks are summed on their own, so that no sum becomes long. */
  private static Moments of(List<float[]> arrays, Choice choice) {
    double[] first = sums(arrays, choice, 0);
    double mean = first[0] == 0 ? 0 : first[1] / first[0];
    double[] second = sums(arrays, choice, mean);
    double deviation = first[0] == 0 ? 0 : Math.sqrt(second[2] / first[0]);
    return new Moments((long) first[0], mean, deviation);
  }

  /** Their number, the sum of differences from a value, and of squares of these. */
  private static double[] sums(List<float[]> arrays, Choice choice, double from) {
    double[] total = new double[3];
    for (float[] values : arrays) {
      double[][] blocks =
          IntStream.range(0, (values.length + BLOCK - 1) / BLOCK)
              .parallel()
              .mapToObj(block -> sums(values, choice, from, block * BLOCK))
              .toArray(double[][]::new);
      for (double[] block : blocks) {
        for (int i = 0; i < total.length; i++) {
          total[i] += block[i];
        }
      }
    }
    return total;
  }

  private static double[] sums(float[] values, Choice choice, double from, int start) {
    double[] sums = new double[3];
    int end = Math.min(values.length, start + BLOCK);
    for (int i = start; i < end; i++) {
      if (choice.takes(values, i)) {
        double difference = values[i] - from;
        sums[0]++;
        sums[1] += difference;
        sums[2] += difference * difference;
      }
    }
    return sums;
  }

  /** The least and the greatest of some values that follow one another. */
  public static float[] range(float[] values, int from, int to) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    return new float[] {least, greatest};
  }
}
