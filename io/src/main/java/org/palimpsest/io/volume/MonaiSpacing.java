package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;

/**
 * MONAI's {@code Spacing}: voxels are put at other distances along the axes of the array, the first
 * one staying where it is.
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
    int[] target = target(volume, factors);
    ObjectNode done = record(wanted, from, target);
    if (isUnchanged(from, factors, target)) {
      return done.put("unchanged", true);
    }
    AxisSampling sampling = new AxisSampling(mode, padding, factors, from.extentArray(), target);
    if (mode == Mode.NEAREST) {
      requireNoTies(volume, sampling);
    }
    AxisSampling labels =
        new AxisSampling(Mode.NEAREST, Padding.BORDER, factors, from.extentArray(), target);
    if (volume.labels().isPresent() && labels.hasTies(TIE)) {
      done.put("labelsRightBetweenVoxels", "of the even one; MONAI's choice hangs on rounding");
    }
    boolean[] uncertain = {false};
    volume.move(
        Geometry.of(target, wanted, from.affine().scaled(factors)),
        voxels -> {
          float[] made = sampling.of(voxels);
          uncertain[0] |= sampling.leavesUncertainZeros(voxels, made);
          return made;
        },
        labels::labels);
    volume.setZerosUncertain(uncertain[0]);
    return done;
  }

  private static int[] target(VolumeCase volume, double[] factors) {
    int[] target = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      double exact = Math.rint((volume.geometry().extent(axis) - 1) / factors[axis] + 1);
      target[axis] = (int) Math.min(Integer.MAX_VALUE, exact);
    }
    if ((double) target[0] * target[1] * target[2] > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "%s has the spacing %s and would become %s voxels, more than 2^31. Is its spacing right?"
              .formatted(volume.name(), volume.geometry().spacing(), Arrays.toString(target)));
    }
    return target;
  }

  private ObjectNode record(double[] wanted, Geometry from, int[] target) {
    ObjectNode done =
        VolumeStep.record("Spacing")
            .put("mode", mode.name().toLowerCase(Locale.ROOT))
            .put("padding_mode", padding.name().toLowerCase(Locale.ROOT));
    done.set("pixdim", Geometry.numbers(wanted));
    done.set("from", Geometry.numbers(from.extents()));
    done.set("to", Geometry.numbers(target));
    return done;
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

  /** What MONAI takes for no change: affines that differ by less than a thousandth. */
  private static boolean isUnchanged(Geometry from, double[] factors, int[] target) {
    boolean sameAffine = true;
    boolean sameIndex = true;
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      if (target[axis] != from.extent(axis)) {
        return false;
      }
      for (int direction = 0; direction < Geometry.AXES; direction++) {
        double one = from.affine().step(direction, axis);
        double other = one * factors[axis];
        sameAffine &= Math.abs(one - other) <= TOLERANCE + RELATIVE * Math.abs(other);
      }
      sameIndex &= Math.abs(factors[axis] - 1) <= TOLERANCE + RELATIVE;
    }
    return sameAffine || sameIndex;
  }

  private static void requireNoTies(VolumeCase volume, AxisSampling sampling) {
    if (sampling.hasTies(TIE)) {
      throw new PalimpsestException(
          "%s would be sampled by the nearest voxel right between voxels, where MONAI's result hangs on rounding. Take 'bilinear', or another spacing."
              .formatted(volume.name()));
    }
  }
}
