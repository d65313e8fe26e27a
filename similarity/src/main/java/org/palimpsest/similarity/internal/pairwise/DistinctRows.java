package org.palimpsest.similarity.internal.pairwise;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * SampleRows without their repetitions, so that equal rows have exactly equal distances to all
 * others whatever rounding a product does.
 *
 * @param rows each different row once, in order of first appearance
 * @param classOf for each original row, which of {@code rows} it equals
 */
public record DistinctRows(SampleRows rows, int[] classOf) {

  public static DistinctRows of(SampleRows all) {
    Map<Integer, List<Integer>> classesByHash = new HashMap<>();
    List<Integer> representatives = new ArrayList<>();
    int[] classOf = new int[all.count()];
    for (int i = 0; i < all.count(); i++) {
      List<Integer> candidates = classesByHash.computeIfAbsent(all.hash(i), h -> new ArrayList<>());
      int known = find(all, i, candidates, representatives);
      if (known < 0) {
        known = representatives.size();
        candidates.add(known);
        representatives.add(i);
      }
      classOf[i] = known;
    }
    SampleRows distinct =
        representatives.size() == all.count()
            ? all
            : all.select(representatives.stream().mapToInt(Integer::intValue).toArray());
    return new DistinctRows(distinct, classOf);
  }

  private static int find(
      SampleRows all, int row, List<Integer> candidates, List<Integer> representatives) {
    for (int candidate : candidates) {
      if (all.equal(row, representatives.get(candidate))) {
        return candidate;
      }
    }
    return -1;
  }

  /** Whether no row repeats another. */
  public boolean allDistinct() {
    return rows.count() == classOf.length;
  }

  /**
   * The values of all pairs of original rows from those of the distinct ones.
   *
   * @param ofDistinct one value for each pair of distinct rows
   * @param target receives one value for each pair of original rows
   * @param ofEqual the value of a pair of equal rows
   */
  public void expand(double[] ofDistinct, double[] target, double ofEqual) {
    int n = classOf.length;
    int k = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        int a = classOf[i];
        int b = classOf[j];
        target[k++] = a == b ? ofEqual : ofDistinct[Triangle.index(rows.count(), a, b)];
      }
    }
  }

  /** For each distinct row, the original rows that equal it, in order. */
  public List<List<Integer>> members() {
    List<List<Integer>> members = new ArrayList<>();
    for (int c = 0; c < rows.count(); c++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < classOf.length; i++) {
      members.get(classOf[i]).add(i);
    }
    return members;
  }
}
