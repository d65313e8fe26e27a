package org.palimpsest.io.internal.nifti;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;

/**
 * Where the voxels of an array lie: position = A · index + origin, in millimetres to the right, the
 * front and above (RAS). Immutable.
 */
public final class Affine {

  private static final int AXES = 3;
  private static final int COLUMNS = 4;
  private static final double NEARLY = 1e-3;
  private static final int MOST_ITERATIONS = 100;
  private static final double CONVERGED = 1e-15;
  private static final double TIE = 1e-9;
  private static final int[][] ORDERS = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
  };

  private final double[] rows;

  private Affine(double[] rows) {
    this.rows = rows;
  }

  /**
   * @param rows the three rows (a, b, c, origin), one after the other
   */
  public static Affine ofRows(double... rows) {
    return new Affine(rows.clone());
  }

  /** The same distance between voxels along each axis of the array as given, and no turn. */
  public static Affine ofSpacing(double first, double second, double third) {
    return ofRows(first, 0, 0, 0, 0, second, 0, 0, 0, 0, third, 0);
  }

  /** How far along a direction in space (0 right, 1 front, 2 above) a step of an axis goes. */
  public double step(int direction, int axis) {
    return rows[COLUMNS * direction + axis];
  }

  /** Where the first voxel lies along a direction in space. */
  public double origin(int direction) {
    return rows[COLUMNS * direction + AXES];
  }

  /** How far the first voxel lies from the origin of space. */
  double distanceOfOrigin() {
    return Math.hypot(Math.hypot(origin(0), origin(1)), origin(2));
  }

  /** The same as a file of float32 holds it. */
  Affine inFloat32() {
    double[] rounded = new double[rows.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) rows[i];
    }
    return new Affine(rounded);
  }

  /** The distance of neighbours along an axis of the array. */
  public double spacing(int axis) {
    return Math.sqrt(
        step(0, axis) * step(0, axis)
            + step(1, axis) * step(1, axis)
            + step(2, axis) * step(2, axis));
  }

  /**
   * That of the array whose i-th axis is this one's {@code axes[i]}.
   *
   * @param axes a permutation of 0, 1 and 2
   */
  public Affine permuted(int... axes) {
    double[] other = rows.clone();
    for (int direction = 0; direction < AXES; direction++) {
      for (int axis = 0; axis < AXES; axis++) {
        other[COLUMNS * direction + axis] = step(direction, axes[axis]);
      }
    }
    return new Affine(other);
  }

  /** That of the array with an axis turned round. */
  public Affine flipped(int axis, int extent) {
    double[] start = new double[AXES];
    start[axis] = extent - 1.0;
    double[] other = from(start).rows.clone();
    for (int direction = 0; direction < AXES; direction++) {
      other[COLUMNS * direction + axis] *= -1;
    }
    return new Affine(other);
  }

  /** That of the array which begins at this index. */
  public Affine from(double[] start) {
    double[] other = rows.clone();
    for (int direction = 0; direction < AXES; direction++) {
      for (int axis = 0; axis < AXES; axis++) {
        other[COLUMNS * direction + AXES] += step(direction, axis) * start[axis];
      }
    }
    return new Affine(other);
  }

  /** That of an array whose voxels are larger by these factors, with the same first voxel. */
  public Affine scaled(double[] factors) {
    double[] other = rows.clone();
    for (int direction = 0; direction < AXES; direction++) {
      for (int axis = 0; axis < AXES; axis++) {
        other[COLUMNS * direction + axis] *= factors[axis];
      }
    }
    return new Affine(other);
  }

  /** Whether all axes stand at right angles to each other, to a thousandth. */
  public boolean isOrthogonal() {
    return isOrthogonal(NEARLY);
  }

  public boolean isOrthogonal(double tolerance) {
    for (int a = 0; a < AXES; a++) {
      if (!(spacing(a) > 0)) {
        return false;
      }
      for (int b = 0; b < a; b++) {
        double product = 0;
        for (int direction = 0; direction < AXES; direction++) {
          product += step(direction, a) * step(direction, b);
        }
        if (!(Math.abs(product) <= tolerance * spacing(a) * spacing(b))) {
          return false;
        }
      }
    }
    return true;
  }

  /** The greatest angle between an axis and the direction in space nearest to it, in degrees. */
  public double obliqueness() {
    double least = 1;
    for (int axis = 0; axis < AXES; axis++) {
      double most = 0;
      for (int direction = 0; direction < AXES; direction++) {
        most = Math.max(most, Math.abs(step(direction, axis)));
      }
      least = Math.min(least, most / spacing(axis));
    }
    return Math.toDegrees(Math.acos(Math.min(1, least)));
  }

  /**
   * The direction in space along which each axis goes most, as nibabel's {@code io_orientation}:
   * axes take directions in the order in which they are surest, each direction once, by the nearest
   * rotation (polar decomposition).
   *
   * @return per axis 1, 2 or 3 for right, front and above, negative for the other way
   * @throws PalimpsestException if the axes do not span the space, or one lies right between two
   *     directions
   */
  public int[] orientation(String source) {
    double[] rotation = rotation(source);
    int[] found = {};
    for (int[] order : ORDERS) {
      boolean fits = true;
      for (int i = 1; i < AXES; i++) {
        fits &= greatest(rotation, order[i]) <= greatest(rotation, order[i - 1]) + TIE;
      }
      if (fits) {
        int[] orientation = orientation(rotation, order, source);
        if (found.length > 0 && !Arrays.equals(found, orientation)) {
          throw undecided(source);
        }
        found = orientation;
      }
    }
    return found;
  }

  private int[] orientation(double[] rotation, int[] order, String source) {
    boolean[] taken = new boolean[AXES];
    int[] orientation = new int[AXES];
    for (int axis : order) {
      int best = -1;
      double second = -1;
      for (int direction = 0; direction < AXES; direction++) {
        double size = taken[direction] ? -1 : Math.abs(rotation[AXES * direction + axis]);
        double most = best < 0 ? -1 : Math.abs(rotation[AXES * best + axis]);
        best = size > most ? direction : best;
        second = Math.max(second, Math.min(size, most));
      }
      if (Math.abs(rotation[AXES * best + axis]) - second < TIE) {
        throw undecided(source);
      }
      taken[best] = true;
      orientation[axis] = rotation[AXES * best + axis] < 0 ? -best - 1 : best + 1;
    }
    return orientation;
  }

  private PalimpsestException undecided(String source) {
    return new PalimpsestException(
        "%s has an axis right between two directions (%s): which of them it goes to hangs on rounding in nibabel. Resample it onto straight axes beforehand."
            .formatted(source, this));
  }

  private static double greatest(double[] rotation, int axis) {
    return Math.max(
        Math.abs(rotation[axis]),
        Math.max(Math.abs(rotation[AXES + axis]), Math.abs(rotation[2 * AXES + axis])));
  }

  /** Newton's iteration for the polar decomposition of the axes, each brought to length one. */
  private double[] rotation(String source) {
    double[] turn = new double[AXES * AXES];
    for (int direction = 0; direction < AXES; direction++) {
      for (int axis = 0; axis < AXES; axis++) {
        turn[AXES * direction + axis] = step(direction, axis) / spacing(axis);
      }
    }
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      double[] inverse = inverseTransposed(turn);
      double change = 0;
      for (int at = 0; at < turn.length; at++) {
        double next = (turn[at] + inverse[at]) / 2;
        change = Math.max(change, Math.abs(next - turn[at]));
        turn[at] = next;
      }
      if (change < CONVERGED) {
        break;
      }
    }
    for (double value : turn) {
      if (!Double.isFinite(value)) {
        throw new PalimpsestException(
            source + " has axes that do not span the space: its directions are damaged.");
      }
    }
    return turn;
  }

  private static double[] inverseTransposed(double[] m) {
    double[] cofactors = new double[AXES * AXES];
    for (int row = 0; row < AXES; row++) {
      for (int column = 0; column < AXES; column++) {
        int up = (row + 1) % AXES * AXES;
        int down = (row + 2) % AXES * AXES;
        int left = (column + 1) % AXES;
        int right = (column + 2) % AXES;
        cofactors[AXES * row + column] =
            m[up + left] * m[down + right] - m[up + right] * m[down + left];
      }
    }
    double determinant = m[0] * cofactors[0] + m[1] * cofactors[1] + m[2] * cofactors[2];
    for (int i = 0; i < cofactors.length; i++) {
      cofactors[i] /= determinant;
    }
    return cofactors;
  }

  /** The three rows as JSON. */
  public ArrayNode json() {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (int direction = 0; direction < AXES; direction++) {
      ArrayNode row = all.addArray();
      for (int column = 0; column < COLUMNS; column++) {
        row.add(rows[COLUMNS * direction + column]);
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return json().toString();
  }
}
