package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;

/**
 * MONAI's {@code Spacing}: voxels are put at other distances along the axes of the array. The first
 * one stays where it is, or for most oblique volumes the centre does.
 *
 * @param pixdim the distance along each axis, the last one counting for those that are missing;
 *     that which is there, if it is not positive
 * @param mode how voxels are made of others
 * @param padding what lies beyond the outermost voxels
 * @param diagonal whether the axes must go to right, front and above afterwards; only done where
 *     they do already
 * @param least distances from here on are kept; empty if all are changed
 * @param most distances up to here are kept; empty if all are changed
 */
public record MonaiSpacing(
    List<Double> pixdim,
    Mode mode,
    Padding padding,
    boolean diagonal,
    List<Double> least,
    List<Double> most)
    implements VolumeStep {

  /** How voxels are made of others. */
  public enum Mode {
    /** The nearest one. */
    NEAREST,
    /** Linear along each axis. */
    BILINEAR,
    /** Cubic splines, MONAI's mode 3. */
    CUBIC
  }

  /** What lies beyond the outermost voxels. */
  public enum Padding {
    BORDER,
    ZEROS
  }

  private static final double TOLERANCE = 1e-3;
  private static final double RELATIVE = 1e-5;
  private static final double TIE = 1e-6;
  private static final double MOST_DRIFT = 1e-5;

  public MonaiSpacing {
    pixdim = List.copyOf(pixdim);
    least = List.copyOf(least);
    most = List.copyOf(most);
    if (pixdim.isEmpty() || pixdim.stream().anyMatch(d -> !Double.isFinite(d))) {
      throw new PalimpsestException(
          "A spacing needs a distance for each axis, not " + pixdim + ".");
    }
    if (mode == Mode.CUBIC && padding != Padding.BORDER) {
      throw new PalimpsestException(
          "Spacing by cubic splines is done with the padding 'border' or 'nearest' alone.");
    }
  }

  /** MONAI's usual one: linear, with the border's voxels beyond it. */
  public static MonaiSpacing of(List<Double> pixdim) {
    return new MonaiSpacing(pixdim, Mode.BILINEAR, Padding.BORDER, false, List.of(), List.of());
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    Geometry from = volume.geometry();
    requireGrid(volume);
    double[] wanted = new double[Geometry.AXES];
    double[] factors = new double[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      double now = from.affine().spacing(axis);
      wanted[axis] = wanted(axis, now);
      factors[axis] = wanted[axis] / now;
    }
    MonaiGrid grid = MonaiGrid.of(volume.name(), from, wanted, diagonal);
    ObjectNode done = record(wanted, from, grid);
    if (isUnchanged(from, grid)) {
      return done.put("unchanged", true);
    }
    requirePossible(volume, grid);
    AxisSampling sampling = along(mode, padding, factors, from, grid);
    if (mode == Mode.NEAREST) {
      requireNoTies(volume, sampling, grid);
    }
    AxisSampling labels = along(Mode.NEAREST, Padding.BORDER, factors, from, grid);
    if (volume.labels().isPresent() && labels.hasTies(TIE + grid.drift())) {
      done.put("labelsRightBetweenVoxels", "of the even one; MONAI's choice hangs on rounding");
    }
    move(volume, Geometry.of(grid.extents(), wanted, grid.affine()), grid, sampling, labels);
    return done;
  }

  private static AxisSampling along(
      Mode mode, Padding padding, double[] factors, Geometry from, MonaiGrid grid) {
    return new AxisSampling(
        mode, padding, factors, grid.start(), from.extentArray(), grid.extents());
  }

  private void move(
      VolumeCase volume,
      Geometry to,
      MonaiGrid grid,
      AxisSampling sampling,
      AxisSampling labelSampling) {
    int[] extents = volume.geometry().extentArray();
    boolean plain = grid.isAlongAxes() || mode == Mode.CUBIC;
    AffineSampling free = new AffineSampling(mode, padding, grid.map(), extents, grid.extents());
    boolean[] uncertain = {false};
    volume.move(
        to,
        voxels -> {
          float[] made = plain ? sampling.of(voxels) : free.of(voxels);
          uncertain[0] |= sampling.leavesUncertainZeros(voxels, made);
          return made;
        },
        marks -> grid.isAlongAxes() ? labelSampling.labels(marks) : free.labels(marks));
    volume.setZerosUncertain(uncertain[0]);
  }

  private ObjectNode record(double[] wanted, Geometry from, MonaiGrid grid) {
    ObjectNode done =
        VolumeStep.record("Spacing")
            .put("mode", mode.name().toLowerCase(Locale.ROOT))
            .put("padding_mode", padding.name().toLowerCase(Locale.ROOT))
            .put("keeps", grid.isCentred() ? "the centre" : "the first voxel");
    done.set("pixdim", Geometry.numbers(wanted));
    done.set("from", Geometry.numbers(from.extents()));
    done.set("to", Geometry.numbers(grid.extents()));
    return done;
  }

  private void requirePossible(VolumeCase volume, MonaiGrid grid) {
    if (mode == Mode.CUBIC && grid.drift() > MOST_DRIFT) {
      throw new PalimpsestException(
          "%s lies oblique and its axes are sheared by %.1e voxels over its length, which Spacing by cubic splines takes out; that is not done here. Take 'bilinear'."
              .formatted(volume.name(), grid.drift()));
    }
  }

  private void requireGrid(VolumeCase volume) {
    Affine affine = volume.geometry().affine();
    if (!affine.isOrthogonal(RELATIVE)) {
      throw new PalimpsestException(
          "%s has axes that are not at right angles to each other (%s): MONAI's Spacing takes the shear out, which is not done here."
              .formatted(volume.name(), affine));
    }
    for (int axis = 0; axis < Geometry.AXES && diagonal; axis++) {
      double off = affine.spacing(axis) - affine.step(axis, axis);
      if (Math.abs(off) > RELATIVE * affine.spacing(axis)) {
        throw new PalimpsestException(
            "%s does not lie along right, front and above, to which Spacing with 'diagonal' turns it; that is not done here. Leave 'diagonal' out, or put Orientation to RAS before it."
                .formatted(volume.name()));
      }
    }
  }

  private double wanted(int axis, double now) {
    double asked = pixdim.get(Math.min(axis, pixdim.size() - 1));
    double low = axis < least.size() ? Math.min(least.get(axis), asked) : asked;
    double high = axis < most.size() ? Math.max(most.get(axis), asked) : asked;
    boolean kept = low - TOLERANCE <= now && now <= high + TOLERANCE;
    return kept || asked <= 0 ? now : asked;
  }

  /**
   * What MONAI takes for no change: affines that differ by less than a thousandth, or places that
   * do.
   */
  private static boolean isUnchanged(Geometry from, MonaiGrid grid) {
    if (!Arrays.equals(grid.extents(), from.extentArray())) {
      return false;
    }
    boolean sameAffine = true;
    boolean sameIndex = true;
    for (int row = 0; row < Geometry.AXES; row++) {
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        sameAffine &= isNear(from.affine().step(row, axis), grid.affine().step(row, axis));
        sameIndex &= isNear(grid.map()[4 * row + axis], row == axis ? 1 : 0);
      }
      sameAffine &= isNear(from.affine().origin(row), grid.affine().origin(row));
      sameIndex &= isNear(grid.map()[4 * row + Geometry.AXES], 0);
    }
    return sameAffine || sameIndex;
  }

  private static boolean isNear(double one, double other) {
    return Math.abs(one - other) <= TOLERANCE + RELATIVE * Math.abs(other);
  }

  private static void requireNoTies(VolumeCase volume, AxisSampling sampling, MonaiGrid grid) {
    if (sampling.hasTies(TIE + grid.drift())) {
      throw new PalimpsestException(
          "%s would be sampled by the nearest voxel right between voxels, where MONAI's result hangs on rounding. Take 'bilinear', or another spacing."
              .formatted(volume.name()));
    }
  }
}
