package org.palimpsest.similarity.neighbours;

/** Gathers the k nearest samples, nearest first, of equally near ones that of the lower index. */
final class NearestFirst {

  private final int[] indices;
  private final double[] distances;
  private int size;

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
