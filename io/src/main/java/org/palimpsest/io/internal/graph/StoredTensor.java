package org.palimpsest.io.internal.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * A tensor in a file: a view of a storage. Its numbers are read when they are needed.
 *
 * @param offset of the first element in the storage, in elements
 * @param strides in elements, one for each extent; 0 for an extent that was expanded
 */
public record StoredTensor(
    Storage storage, ElementType type, long offset, List<Long> shape, List<Long> strides) {

  /**
   * @throws PalimpsestException if it does not lie within its storage
   */
  public StoredTensor {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
    long elements = Shapes.elements(shape, storage.name());
    if (strides.size() != shape.size() || offset < 0 || strides.stream().anyMatch(s -> s < 0)) {
      throw unsound(storage, shape, strides, offset);
    }
    long available = storage.bytes() / type.size();
    long last = offset;
    for (int i = 0; i < shape.size() && elements > 0; i++) {
      long steps = shape.get(i) - 1;
      if (steps > 0 && strides.get(i) > (available - last) / steps) {
        throw unsound(storage, shape, strides, offset);
      }
      last += steps * strides.get(i);
    }
    if (elements > 0 && last >= available) {
      throw unsound(storage, shape, strides, offset);
    }
  }

  private static PalimpsestException unsound(
      Storage storage, List<Long> shape, List<Long> strides, long offset) {
    return new PalimpsestException(
        "Tensor %s of the shape %s (strides %s, offset %s) does not lie within its %s bytes: the file is damaged."
            .formatted(storage.name(), shape, strides, offset, storage.bytes()));
  }

  /** A whole storage, its elements in C order. */
  public static StoredTensor contiguous(Storage storage, ElementType type, List<Long> shape) {
    return new StoredTensor(storage, type, 0, shape, rowMajor(shape));
  }

  /** A float32 tensor in memory, its elements in C order. */
  public static StoredTensor ofFloats(String name, List<Long> shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return contiguous(Storage.of(name, bytes.array()), ElementType.FLOAT32, shape);
  }

  /** How many elements it has. */
  public long elements() {
    return Shapes.elements(shape, storage.name());
  }

  /** Whether its elements lie one after the other in C order. */
  public boolean isContiguous() {
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != step) {
        return false;
      }
      step *= shape.get(i);
    }
    return true;
  }

  /** How many elements lie between the first and the last, both counted. */
  public long span() {
    if (elements() == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < shape.size(); i++) {
      last += (shape.get(i) - 1) * strides.get(i);
    }
    return last + 1;
  }

  /** Whether bytes from its first to its last element are among those of another's. */
  public boolean overlaps(StoredTensor other) {
    return storage == other.storage
        && offset * type.size() < (other.offset + other.span()) * other.type.size()
        && other.offset * other.type.size() < (offset + span()) * type.size();
  }

  /** The strides of a shape whose elements lie in C order. */
  private static List<Long> rowMajor(List<Long> shape) {
    List<Long> strides = new ArrayList<>(shape);
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      strides.set(i, step);
      step *= Math.max(1, shape.get(i));
    }
    return strides;
  }
}
