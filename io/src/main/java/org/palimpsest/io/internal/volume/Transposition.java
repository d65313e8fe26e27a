package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Puts the axes of the array into another order.
 *
 * @param order which of the axes that there are each new one is
 */
public record Transposition(List<Integer> order) implements VolumeStep {

  public Transposition {
    order = List.copyOf(order);
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    ObjectNode done = VolumeStep.record("transpose");
    done.set("order", Geometry.numbers(order));
    int[] axes = order.stream().mapToInt(Integer::intValue).toArray();
    if (axes[0] != 0 || axes[1] != 1) {
      Geometry from = volume.geometry();
      Regrid regrid = Regrid.permuted(from.extentArray(), axes);
      double[] spacing = new double[Geometry.AXES];
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        spacing[axis] = from.spacing().get(axes[axis]);
      }
      volume.move(
          Geometry.of(regrid.extents(), spacing, from.affine().permuted(axes)),
          voxels -> regrid.of(voxels.get()),
          regrid::of);
    }
    return done;
  }
}
