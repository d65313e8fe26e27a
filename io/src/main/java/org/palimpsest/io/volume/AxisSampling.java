package org.palimpsest.io.volume;

import java.util.stream.IntStream;

/**
 * Takes an array at places along its axes, a start and index times factor.
 *
 * @param factors by how much places along an axis lie apart, in voxels of the source
 * @param starts where the first of them lies
 * @param extents of the source
 * @param target of what is made
 */
record AxisSampling(
    MonaiSpacing.Mode mode,
    MonaiSpacing.Padding padding,
    double[] factors,
    double[] starts,
    int[] extents,
    int[] target) {

  private static final double ROUNDING = 1e-9;

  float[] of(float[] source) {
    if (mode == MonaiSpacing.Mode.CUBIC) {
      return Interpolation.CUBIC.sample(source, extents, target, factors, starts);
    }
    float[] values = source;
    int[] now = extents.clone();
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      if (target[axis] != now[axis] || factors[axis] != 1 || starts[axis] != 0) {
        values = along(axis, values, now);
        now[axis] = target[axis];
      }
    }
    return values;
  }

  private float[] along(int axis, float[] source, int[] now) {
    int row = inner(axis, now);
    int n = now[axis];
    int to = target[axis];
    float[] made = new float[source.length / n * to];
    IntStream.range(0, made.length / row)
        .parallel()
        .forEach(
            block -> {
              double there = place(axis, block % to);
              boolean clamped = padding == MonaiSpacing.Padding.BORDER;
              double place = clamped ? Math.min(Math.max(there, 0), n - 1) : there;
              int from = block / to * n;
              int first = (int) Math.floor(place);
              double second = place - first;
              if (mode == MonaiSpacing.Mode.NEAREST) {
                first = (int) Math.rint(place);
                second = 0;
              }
              double one = weight(1 - second, first, n);
              double other = weight(second, first + 1, n);
              int a = (from + within(first, n)) * row;
              int b = (from + within(first + 1, n)) * row;
              for (int i = 0; i < row; i++) {
                made[block * row + i] = (float) (one * source[a + i] + other * source[b + i]);
              }
            });
    return made;
  }

  private static int within(int index, int n) {
    return Math.min(Math.max(index, 0), n - 1);
  }

  private static int inner(int axis, int[] now) {
    int inner = 1;
    for (int later = axis + 1; later < Geometry.AXES; later++) {
      inner *= now[later];
    }
    return inner;
  }

  /** Places that differ from a voxel's by rounding alone are that voxel's. */
  private double place(int axis, int index) {
    double place = starts[axis] + index * factors[axis];
    double nearest = Math.rint(place);
    return Math.abs(place - nearest) < ROUNDING ? nearest : place;
  }

  /**
   * Whether some voxels that came out as zero lie right on a zero beside other values. MONAI's
   * places are off by rounding, so that there it gets numbers near 1e-16 in the place of zeros or
   * does not.
   */
  boolean leavesUncertainZeros(float[] source, float[] made) {
    if (mode != MonaiSpacing.Mode.BILINEAR) {
      return mode == MonaiSpacing.Mode.CUBIC && hasZero(source);
    }
    byte[] there = new byte[source.length];
    for (int i = 0; i < there.length; i++) {
      there[i] = (byte) (source[i] == 0 ? 0 : 1);
    }
    int[] now = extents.clone();
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      there = around(axis, there, now);
      now[axis] = target[axis];
    }
    for (int i = 0; i < made.length; i++) {
      if (made[i] == 0 && there[i] != 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasZero(float[] values) {
    for (float value : values) {
      if (value == 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether anything is there within rounding of each place. */
  private byte[] around(int axis, byte[] source, int[] now) {
    int row = inner(axis, now);
    int n = now[axis];
    int to = target[axis];
    byte[] made = new byte[source.length / n * to];
    for (int block = 0; block < made.length / row; block++) {
      double place = place(axis, block % to);
      int first = within((int) Math.ceil(place) - 1, n);
      int last = within((int) Math.floor(place) + 1, n);
      for (int index = first; index <= last; index++) {
        int from = (block / to * n + index) * row;
        for (int i = 0; i < row; i++) {
          made[block * row + i] |= source[from + i];
        }
      }
    }
    return made;
  }

  /** Beyond the border are zeros, or its own voxels again. */
  private double weight(double weight, int index, int n) {
    return padding == MonaiSpacing.Padding.ZEROS && (index < 0 || index > n - 1) ? 0 : weight;
  }

  short[] labels(short[] source) {
    short[] made = new short[target[0] * target[1] * target[2]];
    IntStream.range(0, target[0] * target[1])
        .parallel()
        .forEach(
            line -> {
              int row = nearest(0, line / target[1]) * extents[1] + nearest(1, line % target[1]);
              for (int i = 0; i < target[2]; i++) {
                made[line * target[2] + i] = source[row * extents[2] + nearest(2, i)];
              }
            });
    return made;
  }

  private int nearest(int axis, int index) {
    return within((int) Math.rint(place(axis, index)), extents[axis]);
  }

  /** Whether a place lies right between two voxels. */
  boolean hasTies(double tolerance) {
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      for (int i = 0; i < target[axis]; i++) {
        double place = place(axis, i);
        double beyond = padding == MonaiSpacing.Padding.ZEROS ? 1 : 0;
        boolean counts = place > -beyond && place < extents[axis] - 1 + beyond;
        if (counts && Math.abs(place - Math.floor(place) - 0.5) < tolerance) {
          return true;
        }
      }
    }
    return false;
  }
}
