package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * Average ranks of non-negative numbers, each kept as twice the rank: an integer.
 *
 * <p>Numbers tie as {@link Ties} says. Cost: that of {@link Ascending}.
 */
final class DistanceRanks {

  private static final String WHAT = "the rank of each pair of samples";
  private static final int PIECE = 1 << 20;

  private final int[] twiceRanks;

  private DistanceRanks(int[] twiceRanks) {
    this.twiceRanks = twiceRanks;
  }

  /** Ranks of non-negative numbers. */
  static DistanceRanks of(double[] values, Representation.Info info) {
    int[] twiceRanks = PairStorage.ints(values.length, info, WHAT);
    Ascending ascending = Ascending.of(values, info);
    IntStream.range(0, (values.length - 1) / PIECE + 1)
        .parallel()
        .forEach(piece -> rank(ascending, piece * PIECE, twiceRanks));
    return new DistanceRanks(twiceRanks);
  }

  /** Ranks the groups of ties that begin in one piece of the numbers. */
  private static void rank(Ascending ascending, int from, int[] twiceRanks) {
    int end = (int) Math.min(twiceRanks.length, (long) from + PIECE);
    int start = endOfGroup(ascending.values(), from, end);
    while (start < end) {
      int next = endOfGroup(ascending.values(), start + 1, twiceRanks.length);
      for (int k = start; k < next; k++) {
        twiceRanks[ascending.places()[k]] = start + next + 1;
      }
      start = next;
    }
  }

  /** The first place, from one on, whose number does not tie with the one before; or the end. */
  private static int endOfGroup(double[] sorted, int from, int end) {
    int place = from;
    while (place > 0 && place < end && Ties.tie(sorted[place - 1], sorted[place])) {
      place++;
    }
    return place;
  }

  int count() {
    return twiceRanks.length;
  }

  /** Twice the average rank of number k, from 2 to 2m. */
  int twice(int k) {
    return twiceRanks[k];
  }

  boolean allTied() {
    return IntStream.range(1, count()).allMatch(k -> twiceRanks[k] == twiceRanks[0]);
  }

  /** The ranks less their mean, of unit norm. */
  PairVector centred() {
    double mean = count() + 1.0;
    double squares = 0;
    for (int twice : twiceRanks) {
      squares += (twice - mean) * (twice - mean);
    }
    return PairVector.of(twiceRanks, mean, 1 / Math.sqrt(squares));
  }

  /** Kendall's tau-a of these ranks and others of as many numbers, in O(m log m). */
  double kendallTau(DistanceRanks other) {
    return KendallTau.tauA(this, other);
  }

  /** The indices of the numbers in ascending order of rank, ties in the order given. */
  int[] ascending(IntUnaryOperator given) {
    int[] next = new int[2 * count() + 2];
    for (int twice : twiceRanks) {
      next[twice + 1]++;
    }
    for (int r = 1; r < next.length; r++) {
      next[r] += next[r - 1];
    }
    int[] order = new int[count()];
    for (int i = 0; i < order.length; i++) {
      int k = given.applyAsInt(i);
      order[next[twiceRanks[k]]++] = k;
    }
    return order;
  }

  /**
   * Kendall's tau-a in O(m log m): the numbers are sorted by the first variable and the inversions
   * of the second are counted while it is merged (Knight 1966).
   */
  private static final class KendallTau {

    private static final int FEW = 1 << 16;

    private KendallTau() {}

    static double tauA(DistanceRanks a, DistanceRanks b) {
      int m = a.count();
      int[] byB = b.ascending(k -> k);
      long tiedInSecond = tiedPairs(byB, b, b);
      int[] byAThenB = a.ascending(k -> byB[k]);
      long tiedInFirst = tiedPairs(byAThenB, a, a);
      long tiedInBoth = tiedPairs(byAThenB, a, b);
      for (int k = 0; k < m; k++) {
        byAThenB[k] = b.twice(byAThenB[k]);
      }
      long discordant = inversions(byAThenB, byB, 0, m);
      long all = (long) m * (m - 1) / 2;
      long concordantLessDiscordant =
          all - tiedInFirst - tiedInSecond + tiedInBoth - 2 * discordant;
      return (double) concordantLessDiscordant / all;
    }

    /** Pairs of numbers of equal ranks in both of two variables, by which they are in order. */
    private static long tiedPairs(int[] order, DistanceRanks first, DistanceRanks second) {
      long tied = 0;
      int run = 1;
      for (int k = 1; k < order.length; k++) {
        boolean same =
            first.twice(order[k]) == first.twice(order[k - 1])
                && second.twice(order[k]) == second.twice(order[k - 1]);
        run = same ? run + 1 : 1;
        tied += run - 1;
      }
      return tied;
    }

    /** Pairs of positions whose values descend; sorts the values. */
    private static long inversions(int[] values, int[] spare, int low, int high) {
      if (high - low < 2) {
        return 0;
      }
      int middle = (low + high) >>> 1;
      long within =
          high - low < FEW
              ? inversions(values, spare, low, middle) + inversions(values, spare, middle, high)
              : IntStream.range(0, 2)
                  .parallel()
                  .mapToLong(
                      half ->
                          half == 0
                              ? inversions(values, spare, low, middle)
                              : inversions(values, spare, middle, high))
                  .sum();
      return within + merge(values, spare, low, middle, high);
    }

    private static long merge(int[] values, int[] spare, int low, int middle, int high) {
      System.arraycopy(values, low, spare, low, middle - low);
      long inversions = 0;
      int left = low;
      int right = middle;
      for (int k = low; left < middle; k++) {
        if (right < high && values[right] < spare[left]) {
          inversions += middle - left;
          values[k] = values[right++];
        } else {
          values[k] = spare[left++];
        }
      }
      return inversions;
    }
  }

  /**
   * Non-negative numbers in ascending order, each with the place where it stood; equal ones in the
   * order of their places.
   *
   * <p>The leading bits of a number, less those of the smallest, put it into a bin, no bin above
   * the next one; within a bin the other bits and the place are one integer, and integers are
   * sorted. Both halves of the work go through memory in order, where a sort of all that looked up
   * each number's rank in the end would jump. Memory: 12 bytes for each number. Cost: m log(m /
   * 65536), more only where most numbers share a bin.
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

    static Ascending of(double[] values, Representation.Info info) {
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
            parts(values.length)
                .mapToLong(part -> extreme(values, part, false))
                .max()
                .orElseThrow();
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
    private void sort(int from, int to, Bins bins, Representation.Info info) {
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
}
