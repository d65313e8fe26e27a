package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * Average ranks of non-negative numbers, each kept as twice the rank: a whole number.
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
    int[] starts = PairStorage.ints(values.length + 1L, info, WHAT);
    int groups = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || !Ties.tie(sorted[i - 1], sorted[i])) {
        starts[groups++] = i;
      }
    }
    starts[groups] = sorted.length;
    int last = groups - 1;
    IntStream.range(0, values.length)
        .parallel()
        .forEach(
            k -> {
              int group = groupOf(Arrays.binarySearch(sorted, values[k]), starts, last);
              twiceRanks[k] = starts[group] + starts[group + 1] + 1;
            });
    return new DistanceRanks(twiceRanks);
  }

  /** The last group that starts at a place or before it. */
  private static int groupOf(int place, int[] starts, int last) {
    int low = 0;
    int high = last;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= place) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
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
}
