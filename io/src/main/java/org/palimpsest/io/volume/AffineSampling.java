package org.palimpsest.io.volume;

import java.util.stream.IntStream;

/**
 * Takes an array at places that an affine map gives, which need not run along its axes: linearly
 * between eight voxels, or the nearest one.
 *
 * @param map three rows (a, b, c, origin) that lead from an index in what is made to a place
 * @param extents of the source
 * @param target of what is made
 */
record AffineSampling(
    MonaiSpacing.Mode mode,
    MonaiSpacing.Padding padding,
    double[] map,
    int[] extents,
    int[] target) {

  private static final int AXES = Geometry.AXES;
  private static final int COLUMNS = AXES + 1;
  private static final int NEIGHBOURS = 1 << AXES;
  private static final double ROUNDING = 1e-11;

  private interface Sink {
    void put(int at, double[] place);
  }

  private void eachPlace(Sink sink) {
    IntStream.range(0, target[0] * target[1])
        .parallel()
        .forEach(
            line -> {
              double[] place = new double[AXES];
              for (int i = 0; i < target[2]; i++) {
                for (int axis = 0; axis < AXES; axis++) {
                  int row = COLUMNS * axis;
                  place[axis] =
                      rounded(
                          map[row] * (line / target[1])
                              + map[row + 1] * (line % target[1])
                              + map[row + 2] * i
                              + map[row + AXES]);
                }
                sink.put(line * target[2] + i, place);
              }
            });
  }

  /** Places that differ from a voxel's by rounding alone are that voxel's. */
  private static double rounded(double place) {
    double nearest = Math.rint(place);
    return Math.abs(place - nearest) < ROUNDING ? nearest : place;
  }

  float[] of(float[] source) {
    float[] made = new float[target[0] * target[1] * target[2]];
    if (mode == MonaiSpacing.Mode.NEAREST) {
      eachPlace(
          (at, place) -> {
            int index = nearest(place, padding == MonaiSpacing.Padding.ZEROS);
            made[at] = index < 0 ? 0 : source[index];
          });
    } else {
      eachPlace((at, place) -> made[at] = (float) linear(source, place));
    }
    return made;
  }

  private double linear(float[] source, double[] place) {
    boolean clamped = padding == MonaiSpacing.Padding.BORDER;
    double sum = 0;
    for (int neighbour = 0; neighbour < NEIGHBOURS; neighbour++) {
      double weight = 1;
      int index = 0;
      for (int axis = 0; axis < AXES; axis++) {
        int last = extents[axis] - 1;
        double at = clamped ? Math.min(Math.max(place[axis], 0), last) : place[axis];
        int floor = (int) Math.floor(at);
        int voxel = floor + (neighbour >> axis & 1);
        weight *= voxel == floor ? 1 - (at - floor) : at - floor;
        weight = voxel < 0 || voxel > last ? 0 : weight;
        index = index * extents[axis] + Math.min(Math.max(voxel, 0), last);
      }
      sum += weight == 0 ? 0 : weight * source[index];
    }
    return sum;
  }

  /** The index of the voxel nearest to a place; -1 if there is none and that counts. */
  private int nearest(double[] place, boolean zerosBeyond) {
    int index = 0;
    for (int axis = 0; axis < AXES; axis++) {
      int last = extents[axis] - 1;
      int voxel = (int) Math.rint(place[axis]);
      if (zerosBeyond && (voxel < 0 || voxel > last)) {
        return -1;
      }
      index = index * extents[axis] + Math.min(Math.max(voxel, 0), last);
    }
    return index;
  }

  short[] labels(short[] source) {
    short[] made = new short[target[0] * target[1] * target[2]];
    eachPlace((at, place) -> made[at] = source[nearest(place, false)]);
    return made;
  }
}
