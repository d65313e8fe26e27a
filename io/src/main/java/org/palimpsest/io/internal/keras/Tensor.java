package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;

/**
 * A value of the network, its axes in the order in which Keras has them.
 *
 * @param shape its extents, {@link #UNKNOWN} where the file does not tell; the samples' first
 * @param integers whether Keras has integers there; they are computed with as float32
 */
record Tensor(Value value, List<Long> shape, boolean integers) {

  static final long UNKNOWN = -1;

  Tensor {
    shape = List.copyOf(shape);
  }

  static Tensor of(Value value, List<Long> shape) {
    return new Tensor(value, shape, false);
  }

  int rank() {
    return shape.size();
  }

  long extent(int axis) {
    return shape.get(axis);
  }

  boolean isKnown(int axis) {
    return shape.get(axis) != UNKNOWN;
  }

  /** The same shape but for one axis. */
  List<Long> shapeWith(int axis, long extent) {
    List<Long> other = new ArrayList<>(shape);
    other.set(axis, extent);
    return other;
  }
}
