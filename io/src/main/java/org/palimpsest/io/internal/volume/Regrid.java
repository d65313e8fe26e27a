package org.palimpsest.io.internal.volume;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Takes voxels of an array to others without changing any: a box of it, its axes in another order
 * or turned round.
 *
 * @param extents of what is made
 * @param start the index in the source of the first voxel
 * @param strides by how much that index grows along each axis of what is made
 */
public record Regrid(int[] extents, int start, int[] strides) {

  private static final int TILE = 32;

  static Regrid permuted(int[] from, int[] axes) {
    int[] own = strides(from);
    return new Regrid(
        new int[] {from[axes[0]], from[axes[1]], from[axes[2]]},
        0,
        new int[] {own[axes[0]], own[axes[1]], own[axes[2]]});
  }

  static Regrid box(int[] from, int[] start, int[] extents) {
    int[] own = strides(from);
    return new Regrid(
        extents.clone(), start[0] * own[0] + start[1] * own[1] + start[2] * own[2], own);
  }

  /** The same with an axis of the result turned round. */
  Regrid flipped(int axis) {
    int[] turned = strides.clone();
    turned[axis] = -turned[axis];
    return new Regrid(extents, start + (extents[axis] - 1) * strides[axis], turned);
  }

  /** Whether nothing moves. */
  private boolean isIdentity(int sourceLength) {
    return start == 0
        && sourceLength == extents[0] * extents[1] * extents[2]
        && Arrays.equals(strides, strides(extents));
  }

  private static int[] strides(int[] extents) {
    return new int[] {extents[1] * extents[2], extents[2], 1};
  }

  private interface Row {
    void copy(int source, int target);
  }

  /** The source itself if nothing moves. */
  float[] of(float[] source) {
    if (isIdentity(source.length)) {
      return source;
    }
    float[] target = new float[extents[0] * extents[1] * extents[2]];
    forEach((from, to) -> target[to] = source[from]);
    return target;
  }

  short[] of(short[] source) {
    if (isIdentity(source.length)) {
      return source;
    }
    short[] target = new short[extents[0] * extents[1] * extents[2]];
    forEach((from, to) -> target[to] = source[from]);
    return target;
  }

  /** In tiles of the last two axes, so that neither side is read or written at long strides. */
  private void forEach(Row voxel) {
    IntStream.range(0, extents[0])
        .parallel()
        .forEach(
            first -> {
              for (int second = 0; second < extents[1]; second += TILE) {
                for (int third = 0; third < extents[2]; third += TILE) {
                  tile(voxel, first, second, third);
                }
              }
            });
  }

  private void tile(Row voxel, int first, int from, int fromThird) {
    int end = Math.min(from + TILE, extents[1]);
    int endThird = Math.min(fromThird + TILE, extents[2]);
    for (int second = from; second < end; second++) {
      int source = start + first * strides[0] + second * strides[1];
      int target = (first * extents[1] + second) * extents[2];
      for (int third = fromThird; third < endThird; third++) {
        voxel.copy(source + third * strides[2], target + third);
      }
    }
  }
}
