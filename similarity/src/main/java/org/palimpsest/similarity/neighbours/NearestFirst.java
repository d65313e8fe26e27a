package org.palimpsest.similarity.neighbours;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.palimpsest.similarity.internal.pairwise.Ties;

/** Gathers the k nearest samples, nearest first, of equally near ones that of the lower index. */
final class NearestFirst {

  private final int[] indices;
  private final double[] distances;
  private int size;

  /**
   * The k nearest of some samples, where distances that tie count as equal.
   *
   * @param distances by index; NaN for what is not among them
   */
  static NearestFirst of(int k, double[] distances) {
    NearestFirst exact = new NearestFirst(k);
    for (int i = 0; i < distances.length; i++) {
      if (!Double.isNaN(distances[i])) {
        exact.offer(i, distances[i]);
      }
    }
    double farthest = exact.farthest();
    int[] candidates =
        IntStream.range(0, distances.length)
            .filter(i -> distances[i] <= farthest || Ties.tie(farthest, distances[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> distances[i]))
            .mapToInt(i -> i)
            .toArray();
    NearestFirst nearest = new NearestFirst(k);
    double level = 0;
    for (int c = 0; c < candidates.length; c++) {
      double distance = distances[candidates[c]];
      if (c == 0 || !Ties.tie(distances[candidates[c - 1]], distance)) {
        level = distance;
      }
      nearest.offer(candidates[c], level);
    }
    return nearest;
  }

  NearestFirst(int k) {
    this.indices = new int[k];
    this.distances = new double[k];
  }

  void offer(int index, double distance) {
    if (isFull() && !isBefore(index, distance, size - 1)) {
      return;
    }
    int place = isFull() ? size - 1 : size++;
    while (place > 0 && isBefore(index, distance, place - 1)) {
      distances[place] = distances[place - 1];
      indices[place] = indices[place - 1];
      place--;
    }
    distances[place] = distance;
    indices[place] = index;
  }

  private boolean isBefore(int index, double distance, int place) {
    return distance < distances[place] || (distance == distances[place] && index < indices[place]);
  }

  boolean isFull() {
    return size == indices.length;
  }

  /** The distance of the last one that was kept. */
  double farthest() {
    return distances[size - 1];
  }

  int[] indices() {
    return indices;
  }

  double[] distances() {
    return distances;
  }
}
