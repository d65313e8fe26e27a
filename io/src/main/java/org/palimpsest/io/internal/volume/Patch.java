package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A box of a prepared case. It may reach beyond it, where zeros are put, as nnU-Net does.
 *
 * @param start the index of its first voxel; negative if it begins before the case
 * @param extents its own
 * @param around the label of the voxel around which it was drawn, if it was
 */
public record Patch(int[] start, int[] extents, OptionalInt around) {

  int voxels() {
    return extents[0] * extents[1] * extents[2];
  }

  /** The index of its first voxel, to be compared with others'. */
  public List<Integer> place() {
    return List.of(start[0], start[1], start[2]);
  }

  /** Its voxels. */
  public float[] cut(float[] source, Geometry grid) {
    float[] cut = new float[voxels()];
    eachRow(grid, (from, offset, count) -> System.arraycopy(source, from, cut, offset, count));
    return cut;
  }

  /** Its labels as they are. */
  public short[] cut(short[] source, Geometry grid) {
    short[] cut = new short[voxels()];
    eachRow(grid, (from, offset, count) -> System.arraycopy(source, from, cut, offset, count));
    return cut;
  }

  /** Its labels; those of what is outside or was cropped away are 0. */
  public float[] labels(short[] source, Geometry grid) {
    float[] labels = new float[voxels()];
    eachRow(
        grid,
        (from, offset, count) -> {
          for (int i = 0; i < count; i++) {
            labels[offset + i] = Math.max(0, source[from + i]);
          }
        });
    return labels;
  }

  /** Whether what lies within the case has one value in every channel. */
  public boolean isBlank(VolumeCase volume) {
    for (int channel = 0; channel < volume.channels(); channel++) {
      float[] voxels = volume.channel(channel);
      float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
      eachRow(
          volume.geometry(),
          (from, offset, count) -> {
            float[] row = Moments.range(voxels, from, from + count);
            range[0] = Math.min(range[0], row[0]);
            range[1] = Math.max(range[1], row[1]);
          });
      if (range[0] < range[1]) {
        return false;
      }
    }
    return true;
  }

  private interface Row {
    void copy(int from, int offset, int count);
  }

  private void eachRow(Geometry grid, Row row) {
    int begin = Math.max(0, start[2]);
    int end = Math.min(grid.extent(2), start[2] + extents[2]);
    IntStream.range(0, extents[0] * extents[1])
        .forEach(
            line -> {
              int first = start[0] + line / extents[1];
              int second = start[1] + line % extents[1];
              boolean there =
                  first >= 0
                      && first < grid.extent(0)
                      && second >= 0
                      && second < grid.extent(1)
                      && begin < end;
              if (there) {
                row.copy(
                    grid.index(first, second, begin),
                    line * extents[2] + begin - start[2],
                    end - begin);
              }
            });
  }

  public ObjectNode json(String name, Geometry grid) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("case", name);
    node.set("position", Geometry.numbers(start));
    node.set("extents", Geometry.numbers(extents));
    node.set("spacing", Geometry.numbers(grid.spacing()));
    int[][] beyond = new int[Geometry.AXES][];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      beyond[axis] =
          new int[] {
            Math.max(0, -start[axis]), Math.max(0, start[axis] + extents[axis] - grid.extent(axis))
          };
    }
    if (Arrays.stream(beyond).flatMapToInt(Arrays::stream).anyMatch(voxels -> voxels > 0)) {
      ArrayNode padded = node.putArray("zerosBeyondTheCase");
      Arrays.stream(beyond).forEach(sides -> padded.add(Geometry.numbers(sides)));
    }
    around.ifPresent(label -> node.put("aroundLabel", label));
    return node;
  }
}
