package org.palimpsest.io.internal.pytorch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.binary.StridedView;

/**
 * A tensor that a pickle describes: a view of a storage.
 *
 * @param storage where its numbers are
 * @param type what they are
 * @param offset which of them is its first
 * @param shape its shape
 * @param strides how far apart neighbours along each axis are
 * @param negated whether its numbers are those of the storage with the other sign
 */
record TensorRef(
    StorageRef storage,
    ElementType type,
    long offset,
    List<Long> shape,
    List<Long> strides,
    boolean negated) {

  long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** How many numbers of its type its storage claims to hold. */
  long available() {
    long unit = storage.type().map(ElementType::size).orElse(1);
    return storage.elements() > Long.MAX_VALUE / unit ? 0 : storage.elements() * unit / type.size();
  }

  /** A copy of it, in C order, out of its storage's numbers. */
  INDArray copyOf(INDArray numbers, String source) {
    StridedView view = new StridedView(offset + storage.viewOffset(), shape, strides);
    INDArray copy = view.copyOf(numbers, source);
    return negated ? copy.negi() : copy;
  }

  /**
   * Makes sure that it lies within its storage.
   *
   * @param available how many numbers of its type the storage has
   */
  void requireWithin(long available, String source) {
    long elements = Shapes.elements(shape, source);
    try {
      long last = Math.addExact(offset, storage.viewOffset());
      for (int axis = 0; axis < shape.size(); axis++) {
        long steps = Math.max(0, shape.get(axis) - 1);
        last = Math.addExact(last, Math.multiplyExact(steps, strides.get(axis)));
      }
      if (offset >= 0
          && strides.stream().allMatch(s -> s >= 0)
          && (elements == 0 || last < available)) {
        return;
      }
    } catch (ArithmeticException overflow) {
      throw outside(available, source, overflow);
    }
    throw outside(available, source, null);
  }

  private PalimpsestException outside(long available, String source, @Nullable Throwable cause) {
    String message =
        "%s claims the shape %s with strides %s from number %s on, but its storage has %s: the file is damaged."
            .formatted(source, shape, strides, offset, available);
    return cause == null
        ? new PalimpsestException(message)
        : new PalimpsestException(message, cause);
  }
}
