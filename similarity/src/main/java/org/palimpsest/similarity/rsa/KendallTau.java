package org.palimpsest.similarity.rsa;

/**
 * Kendall's tau-a in O(m log m): the numbers are sorted by the first variable and the inversions of
 * the second are counted while it is merged (Knight 1966).
 */
final class KendallTau {

  private KendallTau() {}

  static double tauA(DistanceRanks a, DistanceRanks b) {
    int m = a.count();
    int[] second = secondInOrderOfFirst(a, b);
    long tiedInBoth = tiedInBoth(a, b);
    long tiedInFirst = tiedPairs(a);
    long tiedInSecond = tiedPairs(b);
    long discordant = inversions(second);
    long all = (long) m * (m - 1) / 2;
    long concordantLessDiscordant = all - tiedInFirst - tiedInSecond + tiedInBoth - 2 * discordant;
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

  /** Ascending by a, then by b: a stable counting sort by a of what is in ascending order of b. */
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
          a.twice(order[k]) == a.twice(order[k - 1]) && b.twice(order[k]) == b.twice(order[k - 1]);
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
