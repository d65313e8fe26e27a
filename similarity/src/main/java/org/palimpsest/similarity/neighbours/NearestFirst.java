package org.palimpsest.similarity.neighbours;

/** Gathers the k nearest of samples that are offered in order of index. */
final class NearestFirst {

  private final int[] indices;
  private final double[] distances;
  private int size;

  NearestFirst(int k) {
    this.indices = new int[k];
    this.distances = new double[k];
  }

  /** Of equal distances the one offered first stays in front. */
  void offer(int index, double distance) {
    if (size == indices.length && !(distance < distances[size - 1])) {
      return;
    }
    int place = size < indices.length ? size++ : size - 1;
    while (place > 0 && distance < distances[place - 1]) {
      distances[place] = distances[place - 1];
      indices[place] = indices[place - 1];
      place--;
    }
    distances[place] = distance;
    indices[place] = index;
  }

  int[] indices() {
    return indices;
  }
}
