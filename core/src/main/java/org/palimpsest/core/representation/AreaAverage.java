package org.palimpsest.core.representation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * Reduces a feature map to a coarser grid: each new position is the average of the area that it
 * covers, cut positions counting by the share that lies inside.
 */
final class AreaAverage {

  /** Shorter reads cost more than the memory that they save. */
  private static final int LONG_SLICE = 1 << 10;

  /** Area averages along one axis of an array of shape {@code (outer, source, inner)}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record AxisAverage(int outer, int source, int inner, Cell[] cells) {

    static AxisAverage of(int outer, int source, int target, int inner) {
      return new AxisAverage(
          outer,
          source,
          inner,
          IntStream.range(0, target)
              .mapToObj(cell -> Cell.of(cell, source, target))
              .toArray(Cell[]::new));
    }

    /** Whether slices are worth reading one by one. */
    boolean hasLongSlices() {
      return !keepsLength() && inner >= LONG_SLICE;
    }

    boolean keepsLength() {
      return source == cells.length;
    }

    /** Of values that are read when they are needed, a slice of the first axis at a time. */
    double[] apply(TensorReader reader, long from) {
      double[] result = new double[cells.length * inner];
      double[] slice = new double[inner];
      int write = 0;
      for (Cell cell : cells) {
        for (int k = 0; k < cell.shares.length; k++) {
          reader.read(from + (long) (cell.first + k) * inner, slice);
          add(cell.shares[k], slice, result, write);
        }
        write += inner;
      }
      return result;
    }

    private static void add(double share, double[] slice, double[] result, int write) {
      for (int i = 0; i < slice.length; i++) {
        result[write + i] += share * slice[i];
      }
    }

    double[] apply(double[] values) {
      if (keepsLength()) {
        return values;
      }
      double[] result = new double[outer * cells.length * inner];
      int write = 0;
      for (int read = 0; read < outer * source * inner; read += source * inner) {
        for (Cell cell : cells) {
          if (inner == 1) {
            result[write] = cell.average(values, read);
          } else {
            cell.average(values, read, inner, result, write);
          }
          write += inner;
        }
      }
      return result;
    }
  }

  /**
   * What one position of the coarser grid covers.
   *
   * @param first the first position of the finer one
   * @param shares of it and of those after it, which add up to one
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Cell(int first, double[] shares) {

    static Cell of(int cell, int source, int target) {
      double low = (double) cell * source / target;
      double high = (double) (cell + 1) * source / target;
      int first = (int) low;
      int last = (int) Math.min(source, Math.ceil(high));
      double[] shares = new double[last - first];
      for (int from = first; from < last; from++) {
        shares[from - first] = (Math.min(high, from + 1.0) - Math.max(low, from)) / (high - low);
      }
      return new Cell(first, shares);
    }

    double average(double[] values, int start) {
      double average = 0;
      for (int k = 0; k < shares.length; k++) {
        average += shares[k] * values[start + first + k];
      }
      return average;
    }

    /** Of stretches of some length. */
    void average(double[] values, int start, int length, double[] result, int write) {
      int read = start + first * length;
      double share = shares[0];
      for (int i = 0; i < length; i++) {
        result[write + i] = share * values[read + i];
      }
      for (int k = 1; k < shares.length; k++) {
        share = shares[k];
        read += length;
        for (int i = 0; i < length; i++) {
          result[write + i] += share * values[read + i];
        }
      }
    }
  }

  private final List<AxisAverage> axes;

  private AreaAverage(List<AxisAverage> axes) {
    this.axes = axes;
  }

  static AreaAverage between(String layer, Grid from, Grid to) {
    if (to.equals(from)) {
      return new AreaAverage(List.of());
    }
    List<Integer> target =
        to.extents().isEmpty() ? from.extents().stream().map(e -> 1).toList() : to.extents();
    requireCoarser(layer, from, target);
    List<AxisAverage> axes = new ArrayList<>();
    int outer = 1;
    int inner = from.positions();
    for (int axis = 0; axis < target.size(); axis++) {
      int source = from.extents().get(axis);
      inner /= source;
      axes.add(AxisAverage.of(outer, source, target.get(axis), inner));
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

  /** Whether a channel stays as it is. */
  boolean keepsGrid() {
    return axes.isEmpty();
  }

  /**
   * Of one channel, of which no more is held than it takes.
   *
   * @param reader of all channels
   * @param from where this one begins
   * @param positions how many values it has
   */
  double[] apply(TensorReader reader, long from, int positions) {
    if (!axes.isEmpty() && axes.get(0).hasLongSlices()) {
      return apply(axes.subList(1, axes.size()), axes.get(0).apply(reader, from));
    }
    double[] channel = new double[positions];
    reader.read(from, channel);
    return apply(channel);
  }

  /** Of one channel. */
  double[] apply(double[] channel) {
    return apply(axes, channel);
  }

  private static double[] apply(List<AxisAverage> axes, double[] channel) {
    double[] result = channel;
    for (AxisAverage axis : axes) {
      result = axis.apply(result);
    }
    return result;
  }
}
