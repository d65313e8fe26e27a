package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nifti.Affine;

/**
 * MONAI's {@code Orientation}: axes are put into an order and turned round so that they go nearest
 * to the named directions.
 *
 * @param codes of each axis the direction to which it grows: L or R, P or A, I or S
 */
public record MonaiOrientation(String codes) implements VolumeStep {

  private static final Pattern FORM = Pattern.compile("(?=.*[LR])(?=.*[PA])(?=.*[IS])[LRPAIS]{3}");
  private static final String DIRECTIONS = "LPIRAS";

  public MonaiOrientation {
    if (!FORM.matcher(codes).matches()) {
      throw new PalimpsestException(
          "'%s' is no orientation such as RAS or LPS: one of L and R, one of P and A, one of I and S, in some order."
              .formatted(codes));
    }
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    Geometry from = volume.geometry();
    int[] now = from.affine().orientation(volume.name());
    int[] axes = new int[Geometry.AXES];
    boolean[] turned = new boolean[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      int wanted = DIRECTIONS.indexOf(codes.charAt(axis));
      for (int source = 0; source < Geometry.AXES; source++) {
        if (Math.abs(now[source]) == wanted % Geometry.AXES + 1) {
          axes[axis] = source;
          turned[axis] = now[source] > 0 != wanted >= Geometry.AXES;
        }
      }
    }
    move(volume, axes, turned);
    ObjectNode done = VolumeStep.record("Orientation").put("axcodes", codes);
    done.set("axes", Geometry.numbers(axes));
    return done;
  }

  private static void move(VolumeCase volume, int[] axes, boolean[] turned) {
    Geometry from = volume.geometry();
    Regrid regrid = Regrid.permuted(from.extentArray(), axes);
    Affine affine = from.affine().permuted(axes);
    double[] spacing = new double[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      spacing[axis] = from.spacing().get(axes[axis]);
      if (turned[axis]) {
        regrid = regrid.flipped(axis);
        affine = affine.flipped(axis, regrid.extents()[axis]);
      }
    }
    Regrid made = regrid;
    volume.move(
        Geometry.of(regrid.extents(), spacing, affine), voxels -> made.of(voxels.get()), made::of);
  }
}
