package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nifti.Affine;

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
    MonaiGrid.AffineSampling free =
        new MonaiGrid.AffineSampling(mode, padding, grid.map(), extents, grid.extents());
    boolean[] uncertain = {false};
    volume.move(
        to,
        taken -> {
          float[] voxels = taken.get();
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
          String.format(
              Locale.ROOT,
              "%s lies oblique and its axes are sheared by %.1e voxels over its length, which Spacing by cubic splines takes out; that is not done here. Take 'bilinear'.",
              volume.name(),
              grid.drift()));
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

  /**
   * Takes an array at places along its axes, a start and index times factor.
   *
   * @param factors by how much places along an axis lie apart, in voxels of the source
   * @param starts where the first of them lies
   * @param extents of the source
   * @param target of what is made
   */
  private record AxisSampling(
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
}
