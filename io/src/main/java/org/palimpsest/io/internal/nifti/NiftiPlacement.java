package org.palimpsest.io.internal.nifti;

import java.nio.ByteBuffer;
import java.util.function.IntToDoubleFunction;
import org.palimpsest.io.volume.Affine;

/**
 * Where a NIfTI file says that its voxels lie.
 *
 * @param spacing {@code pixdim} of x, y and z: distances of voxels, mended as nibabel and ITK do,
 *     which take the size of a negative one, and 1 for 0
 * @param isSpacingFinite whether no distance in the file is NaN or infinite, in whose place 1
 *     stands
 * @param unit how many millimetres {@code xyzt_units} says that the file's unit has; ITK multiplies
 *     by it and nibabel does not
 * @param quaternion b, c, d of the rotation, then its offsets and {@code qfac}; none if its code is
 *     0
 * @param rows the three rows of {@code sform}; none if its code is 0
 */
record NiftiPlacement(
    double[] spacing, boolean isSpacingFinite, double unit, double[] quaternion, double[] rows) {

  private static final double[] NONE = {};
  private static final int UNIT_BITS = 7;
  private static final double SMALLEST = 3 * 0x1p-23;

  static NiftiPlacement first(ByteBuffer bytes) {
    return of(
        at -> bytes.getFloat(76 + Float.BYTES * at),
        bytes.get(123),
        bytes.getShort(252) > 0,
        at -> bytes.getFloat(256 + Float.BYTES * at),
        bytes.getShort(254) > 0,
        at -> bytes.getFloat(280 + Float.BYTES * at));
  }

  static NiftiPlacement second(ByteBuffer bytes) {
    return of(
        at -> bytes.getDouble(104 + Double.BYTES * at),
        bytes.getInt(500),
        bytes.getInt(344) > 0,
        at -> bytes.getDouble(352 + Double.BYTES * at),
        bytes.getInt(348) > 0,
        at -> bytes.getDouble(400 + Double.BYTES * at));
  }

  private static NiftiPlacement of(
      IntToDoubleFunction pixdim,
      int units,
      boolean hasQuaternion,
      IntToDoubleFunction quaternion,
      boolean hasRows,
      IntToDoubleFunction rows) {
    double[] spacing = new double[3];
    boolean finite = true;
    for (int axis = 0; axis < 3; axis++) {
      double size = Math.abs(pixdim.applyAsDouble(axis + 1));
      finite &= Double.isFinite(size);
      spacing[axis] = size > 0 && Double.isFinite(size) ? size : 1;
    }
    double unit =
        switch (units & UNIT_BITS) {
          case 1 -> 1000;
          case 3 -> 0.001;
          default -> 1;
        };
    double[] turn = hasQuaternion ? numbers(quaternion, 7) : NONE;
    if (hasQuaternion) {
      turn[6] = pixdim.applyAsDouble(0) < 0 ? -1 : 1;
    }
    return new NiftiPlacement(spacing, finite, unit, turn, hasRows ? numbers(rows, 12) : NONE);
  }

  private static double[] numbers(IntToDoubleFunction source, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = source.applyAsDouble(i);
    }
    return numbers;
  }

  /**
   * Where voxel (x, y, z) lies in millimetres to the right, the front and above, as nibabel decides
   * it: by {@code sform}, else {@code qform}, else by {@code pixdim} about the centre, x to the
   * left.
   */
  Affine affine(int[] extents) {
    if (rows.length > 0) {
      return Affine.ofRows(rows);
    }
    return quaternion.length > 0 ? turned() : centred(extents);
  }

  /** Whether a quaternion counts and is longer than 1, so that it is no rotation. */
  boolean isTurnedByTooMuch() {
    return rows.length == 0 && quaternion.length > 0 && rest() <= -SMALLEST;
  }

  /** The square of the quaternion's first part, which the file leaves out. */
  private double rest() {
    return 1
        - quaternion[0] * quaternion[0]
        - quaternion[1] * quaternion[1]
        - quaternion[2] * quaternion[2];
  }

  private Affine centred(int[] extents) {
    double[] all = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      double step = axis == 0 ? -spacing[axis] : spacing[axis];
      all[5 * axis] = step;
      all[4 * axis + 3] = -step * (extents[axis] - 1) / 2;
    }
    return Affine.ofRows(all);
  }

  private Affine turned() {
    double b = quaternion[0];
    double c = quaternion[1];
    double d = quaternion[2];
    double rest = rest();
    double a = Math.sqrt(Math.abs(rest) < SMALLEST ? 0 : Math.max(0, rest));
    double norm = a * a + b * b + c * c + d * d;
    double s = 2 / norm;
    double[] rotation = {
      1 - s * (c * c + d * d),
      s * (b * c - a * d),
      s * (b * d + a * c),
      s * (b * c + a * d),
      1 - s * (b * b + d * d),
      s * (c * d - a * b),
      s * (b * d - a * c),
      s * (c * d + a * b),
      1 - s * (b * b + c * c)
    };
    double[] all = new double[12];
    for (int row = 0; row < 3; row++) {
      for (int axis = 0; axis < 3; axis++) {
        double handed = axis == 2 ? quaternion[6] : 1;
        all[4 * row + axis] = rotation[3 * row + axis] * spacing[axis] * handed;
      }
      all[4 * row + 3] = quaternion[3 + row];
    }
    return Affine.ofRows(all);
  }
}
