package org.palimpsest.io.internal.volume;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nifti.Affine;

/**
 * The grid on which MONAI's {@code Spacing} puts voxels, by its {@code zoom_affine} and {@code
 * compute_shape_offset}: the axes of the old grid without their shear, at the new distances. The
 * first voxel stays where it is if no corner of the volume comes before it along any new axis, to
 * 1e-8 voxels; else the centres of both grids meet. Directions that were rounded to float32 are
 * sheared by about 1e-8, so that for most oblique volumes the centres do.
 *
 * @param extents of the new grid
 * @param affine of the new grid
 * @param map three rows (a, b, c, origin) that lead from an index in the new grid to a place in the
 *     old one, in voxels
 * @param isCentred whether the centres meet
 */
public record MonaiGrid(int[] extents, Affine affine, double[] map, boolean isCentred) {

  private static final int AXES = Geometry.AXES;
  private static final int COLUMNS = AXES + 1;
  private static final int CORNERS = 1 << AXES;

  /** NumPy's {@code allclose}, as MONAI asks it for zeros. */
  private static final double AT_A_CORNER = 1e-8;

  private static final double ROUNDING = 1e-10;
  private static final double NO_TURN = 1e-9;

  /**
   * @param wanted the new distances
   * @param diagonal whether the new axes go to right, front and above
   * @throws PalimpsestException if the grid becomes too large, or hangs on the rounding of MONAI's
   *     arithmetic
   */
  static MonaiGrid of(String name, Geometry from, double[] wanted, boolean diagonal) {
    double[] now = axes(from.affine());
    double[] then = diagonal ? new double[AXES * AXES] : rotation(now);
    for (int axis = 0; axis < AXES; axis++) {
      for (int direction = 0; direction < AXES; direction++) {
        int at = AXES * direction + axis;
        then[at] = diagonal && direction == axis ? wanted[axis] : then[at] * wanted[axis];
      }
    }
    double[] toNew = solve(then, now, AXES);
    int[] extents = extents(name, from, toNew);
    boolean centred = !staysAtFirst(name, from, toNew);
    double[] origin = new double[AXES];
    for (int direction = 0; direction < AXES; direction++) {
      origin[direction] = from.affine().origin(direction);
      for (int axis = 0; centred && axis < AXES; axis++) {
        int at = AXES * direction + axis;
        origin[direction] += now[at] * (from.extent(axis) / 2.0) - then[at] * (extents[axis] / 2.0);
      }
    }
    Affine affine = affine(then, origin);
    return new MonaiGrid(extents, affine, map(from.affine(), affine), centred);
  }

  private static double[] axes(Affine affine) {
    double[] axes = new double[AXES * AXES];
    for (int at = 0; at < axes.length; at++) {
      axes[at] = affine.step(at / AXES, at % AXES);
    }
    return axes;
  }

  private static Affine affine(double[] axes, double[] origin) {
    double[] rows = new double[AXES * COLUMNS];
    for (int direction = 0; direction < AXES; direction++) {
      System.arraycopy(axes, AXES * direction, rows, COLUMNS * direction, AXES);
      rows[COLUMNS * direction + AXES] = origin[direction];
    }
    return Affine.ofRows(rows);
  }

  /** The axes by the inverse of their Cholesky factor, which holds distances and shears. */
  private static double[] rotation(double[] axes) {
    double[] zoom = new double[AXES * AXES];
    for (int row = 0; row < AXES; row++) {
      for (int column = row; column < AXES; column++) {
        double sum = 0;
        for (int direction = 0; direction < AXES; direction++) {
          sum += axes[AXES * direction + row] * axes[AXES * direction + column];
        }
        for (int before = 0; before < row; before++) {
          sum -= zoom[AXES * before + row] * zoom[AXES * before + column];
        }
        zoom[AXES * row + column] = row == column ? Math.sqrt(sum) : sum / zoom[AXES * row + row];
      }
    }
    double[] identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    double[] inverse = solve(zoom, identity, AXES);
    double[] rotation = new double[AXES * AXES];
    for (int at = 0; at < rotation.length; at++) {
      for (int inner = 0; inner < AXES; inner++) {
        rotation[at] += axes[at / AXES * AXES + inner] * inverse[AXES * inner + at % AXES];
      }
    }
    return rotation;
  }

  /**
   * The extents, 1 and the range over all corners of the old grid, a half being rounded to even.
   */
  private static int[] extents(String name, Geometry from, double[] toNew) {
    int[] extents = new int[AXES];
    for (int axis = 0; axis < AXES; axis++) {
      double exact = 1;
      for (int other = 0; other < AXES; other++) {
        exact += Math.abs(toNew[AXES * axis + other]) * (from.extent(other) - 1);
      }
      double part = exact - Math.floor(exact);
      boolean certain = part == 0.5 && isStraight(from.affine());
      if (!certain && Math.abs(part - 0.5) < ROUNDING) {
        throw new PalimpsestException(
            "%s would become %s voxels long along axis %s, where MONAI's Spacing hangs on rounding. Take another spacing."
                .formatted(name, exact, axis));
      }
      extents[axis] = (int) Math.min(Integer.MAX_VALUE, Math.rint(exact));
    }
    if ((double) extents[0] * extents[1] * extents[2] > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "%s, of %s voxels at the distances %s, would become %s voxels, more than 2^31. Is the spacing that is asked for right?"
              .formatted(name, from.extents(), from.spacing(), Arrays.toString(extents)));
    }
    return extents;
  }

  /** Whether each axis goes along one direction alone, so that no sum is rounded. */
  private static boolean isStraight(Affine affine) {
    for (int axis = 0; axis < AXES; axis++) {
      int directions = 0;
      for (int direction = 0; direction < AXES; direction++) {
        directions += affine.step(direction, axis) == 0 ? 0 : 1;
      }
      if (directions > 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the first voxel comes first along every new axis; of axes of extent 1 another corner is
   * the same voxel.
   */
  private static boolean staysAtFirst(String name, Geometry from, double[] toNew) {
    double least = 0;
    for (int corner = 0; corner < CORNERS; corner++) {
      for (int axis = 0; axis < AXES; axis++) {
        double place = 0;
        for (int other = 0; other < AXES; other++) {
          int index = (corner >> other & 1) * (from.extent(other) - 1);
          place += toNew[AXES * axis + other] * index;
        }
        least = Math.min(least, place);
      }
    }
    if (Math.abs(-least - AT_A_CORNER) < ROUNDING * AT_A_CORNER) {
      throw new PalimpsestException(
          "%s lies oblique so that MONAI's Spacing hangs on rounding: it keeps the first voxel or the centre. Put the volume on straight axes beforehand."
              .formatted(name));
    }
    return -least <= AT_A_CORNER;
  }

  private static double[] map(Affine from, Affine to) {
    double[] there = new double[AXES * COLUMNS];
    for (int direction = 0; direction < AXES; direction++) {
      for (int axis = 0; axis < AXES; axis++) {
        there[COLUMNS * direction + axis] = to.step(direction, axis);
      }
      there[COLUMNS * direction + AXES] = to.origin(direction) - from.origin(direction);
    }
    return solve(axes(from), there, COLUMNS);
  }

  /** Gaussian elimination with the largest pivot. */
  private static double[] solve(double[] matrix, double[] right, int columns) {
    double[] m = matrix.clone();
    double[] r = right.clone();
    for (int step = 0; step < AXES; step++) {
      int pivot = step;
      for (int row = step + 1; row < AXES; row++) {
        boolean larger = Math.abs(m[AXES * row + step]) > Math.abs(m[AXES * pivot + step]);
        pivot = larger ? row : pivot;
      }
      swap(m, AXES, step, pivot);
      swap(r, columns, step, pivot);
      for (int row = step + 1; row < AXES; row++) {
        double by = m[AXES * row + step] / m[AXES * step + step];
        subtract(m, AXES, row, step, by);
        subtract(r, columns, row, step, by);
      }
    }
    for (int row = AXES - 1; row >= 0; row--) {
      for (int later = row + 1; later < AXES; later++) {
        subtract(r, columns, row, later, m[AXES * row + later]);
      }
      for (int column = 0; column < columns; column++) {
        r[columns * row + column] /= m[AXES * row + row];
      }
    }
    return r;
  }

  private static void swap(double[] rows, int columns, int one, int other) {
    for (int column = 0; column < columns; column++) {
      double kept = rows[columns * one + column];
      rows[columns * one + column] = rows[columns * other + column];
      rows[columns * other + column] = kept;
    }
  }

  private static void subtract(double[] rows, int columns, int from, int other, double times) {
    for (int column = 0; column < columns; column++) {
      rows[columns * from + column] -= times * rows[columns * other + column];
    }
  }

  /** By how many voxels places leave their own axis at most, since the old axes are sheared. */
  double drift() {
    double most = 0;
    for (int row = 0; row < AXES; row++) {
      double drift = 0;
      for (int axis = 0; axis < AXES; axis++) {
        drift += axis == row ? 0 : Math.abs(map[COLUMNS * row + axis]) * (extents[axis] - 1);
      }
      most = Math.max(most, drift);
    }
    return most;
  }

  /** Whether each new axis runs along an old one. */
  boolean isAlongAxes() {
    return drift() < NO_TURN;
  }

  /** Where the first voxel lies in the old grid, along each of its axes. */
  double[] start() {
    double[] start = new double[AXES];
    for (int axis = 0; axis < AXES; axis++) {
      start[axis] = isCentred ? map[COLUMNS * axis + AXES] : 0;
    }
    return start;
  }

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
}
