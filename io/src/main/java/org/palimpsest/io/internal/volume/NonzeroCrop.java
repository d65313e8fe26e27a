package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.BitSet;
import org.palimpsest.core.PalimpsestException;

/**
 * Cuts a case to the smallest box around all voxels that are not zero in some channel, holes among
 * them filled, as nnU-Net does. Which voxels these are is kept for normalisations within them;
 * among labels the background outside becomes -1.
 *
 * @param marking whether it does so where there is no mask too, for steps that ask after voxels
 *     have moved
 */
public record NonzeroCrop(boolean marking) implements VolumeStep {

  private static final short OUTSIDE = -1;

  @Override
  public ObjectNode apply(VolumeCase volume) {
    Geometry from = volume.geometry();
    BitSet inside = new Filling(from.extentArray(), nonzero(volume)).filled();
    if (inside.isEmpty()) {
      throw new PalimpsestException(
          volume.name() + " is zero everywhere: there is nothing to show a network. Leave it out.");
    }
    int[][] box = box(inside, from.extentArray());
    int[] start = {box[0][0], box[1][0], box[2][0]};
    int[] extents = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      extents[axis] = box[axis][1] - box[axis][0];
    }
    Geometry to =
        Geometry.of(
            extents,
            from.spacingArray(),
            from.affine().from(new double[] {start[0], start[1], start[2]}));
    if (!to.extents().equals(from.extents())) {
      Regrid cut = Regrid.box(from.extentArray(), start, extents);
      inside = cut(inside, from, start, extents);
      volume.move(to, voxels -> cut.of(voxels.get()), cut::of);
    }
    volume.setInside(inside);
    if (marking) {
      volume.markBackground(new short[volume.geometry().voxels()]);
    }
    markOutside(volume, inside);
    ObjectNode done = VolumeStep.record("crop to nonzero");
    ArrayNode bounds = done.putArray("box");
    for (int[] bound : box) {
      bounds.add(Geometry.numbers(bound));
    }
    return done.put("voxelsThatAreNotBackground", inside.cardinality());
  }

  private static BitSet nonzero(VolumeCase volume) {
    BitSet nonzero = new BitSet(volume.geometry().voxels());
    for (int channel = 0; channel < volume.channels(); channel++) {
      float[] voxels = volume.channel(channel);
      for (int i = 0; i < voxels.length; i++) {
        if (voxels[i] != 0) {
          nonzero.set(i);
        }
      }
    }
    return nonzero;
  }

  private static int[][] box(BitSet inside, int[] extents) {
    int[][] box = new int[Geometry.AXES][];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      box[axis] = new int[] {extents[axis], 0};
    }
    int row = extents[2];
    for (int i = inside.nextSetBit(0); i >= 0; i = inside.nextSetBit(i)) {
      int line = i / row;
      int end = (line + 1) * row;
      int last = inside.previousSetBit(end - 1);
      widen(box[0], line / extents[1]);
      widen(box[1], line % extents[1]);
      widen(box[2], i - line * row);
      widen(box[2], last - line * row);
      i = end;
    }
    return box;
  }

  private static void widen(int[] bounds, int index) {
    bounds[0] = Math.min(bounds[0], index);
    bounds[1] = Math.max(bounds[1], index + 1);
  }

  private static BitSet cut(BitSet inside, Geometry from, int[] start, int[] extents) {
    BitSet cut = new BitSet(extents[0] * extents[1] * extents[2]);
    for (int first = 0; first < extents[0]; first++) {
      for (int second = 0; second < extents[1]; second++) {
        int source = from.index(start[0] + first, start[1] + second, start[2]);
        int target = (first * extents[1] + second) * extents[2];
        int end = source + extents[2];
        for (int i = inside.nextSetBit(source); i >= 0 && i < end; i = inside.nextSetBit(i)) {
          int stop = Math.min(end, inside.nextClearBit(i));
          cut.set(target + i - source, target + stop - source);
          i = stop;
        }
      }
    }
    return cut;
  }

  private static void markOutside(VolumeCase volume, BitSet inside) {
    if (volume.marks().isEmpty()) {
      return;
    }
    volume.relabel(
        labels -> {
          short[] marked = labels.clone();
          for (int i = inside.nextClearBit(0); i < marked.length; i = inside.nextClearBit(i + 1)) {
            marked[i] = marked[i] == 0 ? OUTSIDE : marked[i];
          }
          return marked;
        });
  }

  /** Tells holes from what is outside: that is reached from the border over faces of voxels. */
  private static final class Filling {

    private final int[] extents;
    private final BitSet set;
    private final BitSet outside;
    private int[] stack = new int[1 << 10];
    private int depth;

    Filling(int[] extents, BitSet set) {
      this.extents = extents;
      this.set = set;
      this.outside = new BitSet(extents[0] * extents[1] * extents[2]);
    }

    BitSet filled() {
      int size = extents[0] * extents[1] * extents[2];
      int row = extents[2];
      for (int line = 0; line < extents[0] * extents[1]; line++) {
        int first = line / extents[1];
        int second = line % extents[1];
        boolean face =
            first == 0 || first == extents[0] - 1 || second == 0 || second == extents[1] - 1;
        if (face) {
          pushRuns(line * row, (line + 1) * row);
        } else {
          push(line * row);
          push((line + 1) * row - 1);
        }
        spread();
      }
      outside.flip(0, size);
      return outside;
    }

    private boolean isFree(int i) {
      return !set.get(i) && !outside.get(i);
    }

    private void push(int i) {
      if (!isFree(i)) {
        return;
      }
      if (depth == stack.length) {
        stack = Arrays.copyOf(stack, 2 * stack.length);
      }
      stack[depth++] = i;
    }

    /** One voxel of each run that is free between two indices of a row. */
    private void pushRuns(int from, int to) {
      boolean before = false;
      for (int i = from; i < to; i++) {
        boolean free = isFree(i);
        if (free && !before) {
          push(i);
        }
        before = free;
      }
    }

    private void spread() {
      int row = extents[2];
      while (depth > 0) {
        int seed = stack[--depth];
        if (!isFree(seed)) {
          continue;
        }
        int line = seed / row;
        int from = seed;
        while (from > line * row && !set.get(from - 1)) {
          from--;
        }
        int to = seed + 1;
        while (to < (line + 1) * row && !set.get(to)) {
          to++;
        }
        outside.set(from, to);
        int first = line / extents[1];
        int second = line % extents[1];
        int plane = row * extents[1];
        neighbours(first > 0, from - plane, to - plane);
        neighbours(first < extents[0] - 1, from + plane, to + plane);
        neighbours(second > 0, from - row, to - row);
        neighbours(second < extents[1] - 1, from + row, to + row);
      }
    }

    private void neighbours(boolean there, int from, int to) {
      if (there) {
        pushRuns(from, to);
      }
    }
  }
}
