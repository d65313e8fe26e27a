package org.palimpsest.core.representation;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * Reduces a feature map to a coarser grid: each new position is the average of the area that it
 * covers, cut positions counting by the share that lies inside.
 */
final class AreaAverage {

  /** Area averages along one axis of an array of shape {@code (outer, source, inner)}. */
  private record AxisAverage(int outer, int source, int target, int inner) {

    double[] apply(double[] values) {
      if (source == target) {
        return values;
      }
      double[] result = new double[outer * target * inner];
      for (int cell = 0; cell < target; cell++) {
        double low = (double) cell * source / target;
        double high = (double) (cell + 1) * source / target;
        int last = (int) Math.min(source, Math.ceil(high));
        for (int from = (int) low; from < last; from++) {
          double share = (Math.min(high, from + 1.0) - Math.max(low, from)) / (high - low);
          add(values, from, share, result, cell);
        }
      }
      return result;
    }

    private void add(double[] values, int from, double share, double[] result, int cell) {
      for (int o = 0; o < outer; o++) {
        int read = (o * source + from) * inner;
        int write = (o * target + cell) * inner;
        for (int i = 0; i < inner; i++) {
          result[write + i] += share * values[read + i];
        }
      }
    }
  }

  private final List<AxisAverage> axes;

  private AreaAverage(List<AxisAverage> axes) {
    this.axes = axes;
  }

  static AreaAverage between(String layer, int channels, Grid from, Grid to) {
    if (to.equals(from)) {
      return new AreaAverage(List.of());
    }
    List<Integer> target =
        to.extents().isEmpty() ? from.extents().stream().map(e -> 1).toList() : to.extents();
    requireCoarser(layer, from, target);
    List<AxisAverage> axes = new ArrayList<>();
    int outer = channels;
    int inner = from.positions();
    for (int axis = 0; axis < target.size(); axis++) {
      int source = from.extents().get(axis);
      inner /= source;
      axes.add(new AxisAverage(outer, source, target.get(axis), inner));
      outer *= target.get(axis);
    }
    return new AreaAverage(axes);
  }

  private static void requireCoarser(String layer, Grid from, List<Integer> target) {
    boolean fits = target.size() == from.extents().size();
    for (int axis = 0; fits && axis < target.size(); axis++) {
      fits = target.get(axis) >= 1 && target.get(axis) <= from.extents().get(axis);
    }
    if (!fits) {
      throw new PalimpsestException(
          "Layer '%s' lies on the grid %s, which cannot be reduced to %s."
              .formatted(layer, from, new Grid(target)));
    }
  }

  /** Whether a sample stays as it is. */
  boolean keepsGrid() {
    return axes.isEmpty();
  }

  double[] apply(double[] sample) {
    double[] result = sample;
    for (AxisAverage axis : axes) {
      result = axis.apply(result);
    }
    return result;
  }
}
