package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * Average ranks of non-negative numbers, each kept as twice the rank: an integer.
 *
 * <p>Numbers tie as {@link Ties} says. Cost: a sort of all pairs.
 */
final class DistanceRanks {

  private static final String WHAT = "the rank of each pair of samples";

  private final int[] twiceRanks;

  private DistanceRanks(int[] twiceRanks) {
    this.twiceRanks = twiceRanks;
  }

  /** Ranks of non-negative numbers. */
  static DistanceRanks of(double[] values, RepresentationInfo info) {
    int[] twiceRanks = PairStorage.ints(values.length, info, WHAT);
    double[] sorted = PairStorage.doubles(values.length, info, WHAT);
    System.arraycopy(values, 0, sorted, 0, values.length);
    Arrays.parallelSort(sorted);
    int[] ofPlaces = PairStorage.ints(values.length, info, WHAT);
    for (int start = 0, end; start < sorted.length; start = end) {
      end = start + 1;
      while (end < sorted.length && Ties.tie(sorted[end - 1], sorted[end])) {
        end++;
      }
      Arrays.fill(ofPlaces, start, end, start + end + 1);
    }
    Places places = Places.of(sorted, info);
    IntStream.range(0, values.length)
        .parallel()
        .forEach(k -> twiceRanks[k] = ofPlaces[places.of(values[k])]);
    return new DistanceRanks(twiceRanks);
  }

  /**
   * Where numbers lie among all in ascending order. The range of the numbers is cut into stretches
   * of equal width, and only one of them is searched, which is short unless most numbers crowd in
   * it.
   */
  private record Places(double[] sorted, int[] firsts, double stretchesPerUnit) {

    private static final int IN_A_STRETCH = 8;

    static Places of(double[] sorted, RepresentationInfo info) {
      int[] firsts = PairStorage.ints(sorted.length / IN_A_STRETCH + 2L, info, WHAT);
      double range = sorted[sorted.length - 1] - sorted[0];
      double perUnit = (firsts.length - 2) / range;
      Places places = new Places(sorted, firsts, Double.isFinite(perUnit) ? perUnit : 0);
      int next = 0;
      for (int place = 0; place < sorted.length; place++) {
        for (int stretch = places.stretch(sorted[place]); next <= stretch; next++) {
          firsts[next] = place;
        }
      }
      Arrays.fill(firsts, next, firsts.length, sorted.length);
      return places;
    }

    private int stretch(double value) {
      return (int) ((value - sorted[0]) * stretchesPerUnit);
    }

    /** A place of a number that is among them. */
    int of(double value) {
      int stretch = stretch(value);
      return Arrays.binarySearch(sorted, firsts[stretch], firsts[stretch + 1], value);
    }
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

  /** The indices of the numbers in ascending order of rank, ties in order of index. */
  int[] ascending() {
    int[] next = new int[2 * count() + 2];
    for (int twice : twiceRanks) {
      next[twice + 1]++;
    }
    for (int r = 1; r < next.length; r++) {
      next[r] += next[r - 1];
    }
    int[] order = new int[count()];
    for (int k = 0; k < order.length; k++) {
      order[next[twiceRanks[k]]++] = k;
    }
    return order;
  }

  /**
   * Kendall's tau-a in O(m log m): the numbers are sorted by the first variable and the inversions
   * of the second are counted while it is merged (Knight 1966).
   */
  private static final class KendallTau {

    private KendallTau() {}

    static double tauA(DistanceRanks a, DistanceRanks b) {
      int m = a.count();
      int[] second = secondInOrderOfFirst(a, b);
      long tiedInBoth = tiedInBoth(a, b);
      long tiedInFirst = tiedPairs(a);
      long tiedInSecond = tiedPairs(b);
      long discordant = inversions(second);
      long all = (long) m * (m - 1) / 2;
      long concordantLessDiscordant =
          all - tiedInFirst - tiedInSecond + tiedInBoth - 2 * discordant;
      return (double) concordantLessDiscordant / all;
    }

    /** The ranks in b, in ascending order of (rank in a, rank in b). */
    private static int[] secondInOrderOfFirst(DistanceRanks a, DistanceRanks b) {
      return ranksOf(b, jointOrder(a, b));
    }

    private static int[] ranksOf(DistanceRanks ranks, int[] order) {
      int[] ordered = new int[order.length];
      for (int k = 0; k < order.length; k++) {
        ordered[k] = ranks.twice(order[k]);
      }
      return ordered;
    }

    /**
     * Ascending by a, then by b: a stable counting sort by a of what is in ascending order of b.
     */
    private static int[] jointOrder(DistanceRanks a, DistanceRanks b) {
      int[] byB = b.ascending();
      int[] next = new int[2 * a.count() + 2];
      for (int k : byB) {
        next[a.twice(k) + 1]++;
      }
      for (int r = 1; r < next.length; r++) {
        next[r] += next[r - 1];
      }
      int[] order = new int[byB.length];
      for (int k : byB) {
        order[next[a.twice(k)]++] = k;
      }
      return order;
    }

    private static long tiedPairs(DistanceRanks ranks) {
      int[] order = ranks.ascending();
      long tied = 0;
      int run = 1;
      for (int k = 1; k < order.length; k++) {
        run = ranks.twice(order[k]) == ranks.twice(order[k - 1]) ? run + 1 : 1;
        tied += run - 1;
      }
      return tied;
    }

    private static long tiedInBoth(DistanceRanks a, DistanceRanks b) {
      int[] order = jointOrder(a, b);
      long tied = 0;
      int run = 1;
      for (int k = 1; k < order.length; k++) {
        boolean same =
            a.twice(order[k]) == a.twice(order[k - 1])
                && b.twice(order[k]) == b.twice(order[k - 1]);
        run = same ? run + 1 : 1;
        tied += run - 1;
      }
      return tied;
    }

    /** Pairs of positions whose values descend; sorts the values. */
    private static long inversions(int[] values) {
      int[] from = values;
      int[] to = new int[values.length];
      long inversions = 0;
      for (int width = 1; width < values.length; width *= 2) {
        for (int low = 0; low < values.length; low += 2 * width) {
          int middle = Math.min(values.length, low + width);
          int high = Math.min(values.length, middle + width);
          inversions += merge(from, to, low, middle, high);
        }
        int[] swap = from;
        from = to;
        to = swap;
      }
      return inversions;
    }

    private static long merge(int[] from, int[] to, int low, int middle, int high) {
      long inversions = 0;
      int left = low;
      int right = middle;
      for (int k = low; k < high; k++) {
        if (right < high && (left == middle || from[right] < from[left])) {
          inversions += middle - left;
          to[k] = from[right++];
        } else {
          to[k] = from[left++];
        }
      }
      return inversions;
    }
  }
}
