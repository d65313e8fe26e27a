package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.pairwise.PairStorage;

/**
 * Non-negative numbers in ascending order, each with the place where it stood; equal ones in the
 * order of their places.
 *
 * <p>The leading bits of a number, less those of the smallest, put it into a bin, no bin above the
 * next one; within a bin the other bits and the place are one integer, and integers are sorted.
 * Both halves of the work go through memory in order, where a sort of all that looked up each
 * number's rank in the end would jump. Memory: 12 bytes for each number. Cost: m log(m / 65536),
 * more only where most numbers share a bin.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record Ascending(double[] values, int[] places) {

  private static final String WHAT = "each pair's value and place";
  private static final int FEWEST_BIN_BITS = 12;
  private static final int MOST_BIN_BITS = 16;
  private static final int EACH_BIN = 4;
  private static final int PART = 1 << 16;
  private static final int MOST_PARTS = 16;
  private static final int BITS_OF_POSITIVE = 63;

  static Ascending of(double[] values, RepresentationInfo info) {
    Ascending sorted =
        new Ascending(
            PairStorage.doubles(values.length, info, WHAT),
            PairStorage.ints(values.length, info, WHAT));
    Bins bins = Bins.of(values);
    int[] starts = sorted.scatter(values, bins);
    IntStream.range(0, bins.count())
        .parallel()
        .forEach(bin -> sorted.sort(starts[bin], starts[bin + 1], bins, info));
    return sorted;
  }

  /** By bits above the smallest number's: of two numbers the smaller has no greater bits. */
  private record Bins(long smallest, int shift, int count) {

    static Bins of(double[] values) {
      int bitsOfCount = Integer.SIZE - Integer.numberOfLeadingZeros(values.length);
      int binBits = Math.max(FEWEST_BIN_BITS, Math.min(MOST_BIN_BITS, bitsOfCount - EACH_BIN));
      long smallest =
          parts(values.length).mapToLong(part -> extreme(values, part, true)).min().orElseThrow();
      long largest =
          parts(values.length).mapToLong(part -> extreme(values, part, false)).max().orElseThrow();
      long range = largest - smallest;
      int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(range) - binBits);
      return new Bins(smallest, shift, (int) (range >>> shift) + 1);
    }

    private static long extreme(double[] values, int part, boolean smallest) {
      int from = bound(values.length, part);
      long extreme = bits(values[from]);
      for (int k = from; k < bound(values.length, part + 1); k++) {
        long bits = bits(values[k]);
        extreme = smallest ? Math.min(extreme, bits) : Math.max(extreme, bits);
      }
      return extreme;
    }

    private static long bits(double value) {
      return Double.doubleToLongBits(value + 0.0); // of either zero the same
    }

    int of(double value) {
      return (int) ((bits(value) - smallest) >>> shift);
    }

    /** What tells numbers of one bin from each other. */
    long within(double value) {
      return (bits(value) - smallest) & ((1L << shift) - 1);
    }
  }

  /**
   * Puts the numbers into their bins, each with its place.
   *
   * @return where each bin begins, and behind the last
   */
  private int[] scatter(double[] all, Bins bins) {
    int[][] next =
        parts(all.length).mapToObj(part -> counts(all, part, bins)).toArray(int[][]::new);
    int[] starts = new int[bins.count() + 1];
    int start = 0;
    for (int bin = 0; bin < bins.count(); bin++) {
      starts[bin] = start;
      for (int[] ofPart : next) {
        int count = ofPart[bin];
        ofPart[bin] = start;
        start += count;
      }
    }
    starts[bins.count()] = start;
    parts(all.length).forEach(part -> scatter(all, part, bins, next[part]));
    return starts;
  }

  private static int[] counts(double[] all, int part, Bins bins) {
    int[] counts = new int[bins.count()];
    for (int k = bound(all.length, part); k < bound(all.length, part + 1); k++) {
      counts[bins.of(all[k])]++;
    }
    return counts;
  }

  private void scatter(double[] all, int part, Bins bins, int[] next) {
    for (int k = bound(all.length, part); k < bound(all.length, part + 1); k++) {
      int to = next[bins.of(all[k])]++;
      values[to] = all[k];
      places[to] = k;
    }
  }

  /** Sorts the numbers of one bin, whose places ascend. */
  private void sort(int from, int to, Bins bins, RepresentationInfo info) {
    int count = to - from;
    if (count < 2 || bins.shift() == 0) {
      return;
    }
    int bitsOfIndex = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
    boolean packable = bins.shift() + bitsOfIndex <= BITS_OF_POSITIVE;
    double[] unsorted = Arrays.copyOfRange(values, from, to);
    int[] stood = Arrays.copyOfRange(places, from, to);
    int[] order = packable ? packed(unsorted, bins, bitsOfIndex) : of(unsorted, info).places();
    for (int k = 0; k < count; k++) {
      values[from + k] = unsorted[order[k]];
      places[from + k] = stood[order[k]];
    }
  }

  /** In which order they ascend, by integers of what is left of them and their index. */
  private static int[] packed(double[] unsorted, Bins bins, int bitsOfIndex) {
    long[] keys = new long[unsorted.length];
    for (int k = 0; k < keys.length; k++) {
      keys[k] = bins.within(unsorted[k]) << bitsOfIndex | k;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    long index = (1L << bitsOfIndex) - 1;
    for (int k = 0; k < keys.length; k++) {
      order[k] = (int) (keys[k] & index);
    }
    return order;
  }

  private static int partsOf(int length) {
    return Math.max(1, Math.min(MOST_PARTS, length / PART));
  }

  /** Parts of the numbers, in parallel where they are many. */
  private static IntStream parts(int length) {
    int count = partsOf(length);
    IntStream parts = IntStream.range(0, count);
    return count > 1 ? parts.parallel() : parts;
  }

  /** Where a part of the numbers begins. */
  private static int bound(int length, int part) {
    return (int) ((long) length * part / partsOf(length));
  }
}
