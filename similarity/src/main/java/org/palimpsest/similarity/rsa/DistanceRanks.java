package org.palimpsest.similarity.rsa;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.RepresentationInfo;
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
  static DistanceRanks of(double[] values, RepresentationInfo info) {
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
}
