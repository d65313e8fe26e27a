package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.StoredTensor;

/** A stored array of a layer, as it lies in the file or seen otherwise. */
record Array(StoredTensor stored) {

  List<Long> shape() {
    return stored.shape();
  }

  long extent(int axis) {
    return stored.shape().get(axis);
  }

  int rank() {
    return stored.shape().size();
  }

  /** Its axes in another order. */
  Array permuted(List<Integer> order) {
    List<Long> shape = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int axis : order) {
      shape.add(stored.shape().get(axis));
      strides.add(stored.strides().get(axis));
    }
    return seen(shape, strides);
  }

  /** Two neighbouring axes as one; the elements of the second lie next to each other. */
  Array merged(int axis) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.set(axis, shape.get(axis) * shape.remove(axis + 1));
    strides.remove(axis);
    return seen(shape, strides);
  }

  /** With an axis of one element more. */
  Array unsqueezed(int axis) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.add(axis, 1L);
    strides.add(axis, 1L);
    return seen(shape, strides);
  }

  /** Its elements, which lie one behind the other, in another shape. */
  Array reshaped(List<Long> shape) {
    return new Array(
        new StoredTensor(
            stored.storage(),
            stored.type(),
            stored.offset(),
            shape,
            StoredTensor.contiguous(stored.storage(), stored.type(), shape).strides()));
  }

  /** The elements of one axis at one place. */
  Array at(int axis, long place) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.remove(axis);
    long offset = stored.offset() + place * strides.remove(axis);
    return new Array(new StoredTensor(stored.storage(), stored.type(), offset, shape, strides));
  }

  private Array seen(List<Long> shape, List<Long> strides) {
    return new Array(
        new StoredTensor(stored.storage(), stored.type(), stored.offset(), shape, strides));
  }
}
