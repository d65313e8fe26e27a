package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.List;

/** The positions of a kernel, in C order, and which of them are neighbours. */
final class KernelGrid {

  private final int[] extents;
  private final int size;

  private KernelGrid(int[] extents, int size) {
    this.extents = extents;
    this.size = size;
  }

  static KernelGrid of(List<Integer> kernel) {
    return new KernelGrid(
        kernel.stream().mapToInt(Integer::intValue).toArray(),
        kernel.stream().reduce(1, Math::multiplyExact));
  }

  int size() {
    return size;
  }

  int axes() {
    return extents.length;
  }

  int extent(int axis) {
    return extents[axis];
  }

  int stride(int axis) {
    int stride = 1;
    for (int a = axis + 1; a < extents.length; a++) {
      stride *= extents[a];
    }
    return stride;
  }

  /** Where a position lies along an axis. */
  int coordinate(int position, int axis) {
    return position / stride(axis) % extents[axis];
  }

  /** For each pair of neighbours along an axis, the two positions. */
  int[][] neighbours() {
    List<int[]> pairs = new ArrayList<>();
    for (int position = 0; position < size; position++) {
      for (int axis = 0; axis < extents.length; axis++) {
        if (coordinate(position, axis) + 1 < extents[axis]) {
          pairs.add(new int[] {position, position + stride(axis)});
        }
      }
    }
    return pairs.toArray(int[][]::new);
  }
}
