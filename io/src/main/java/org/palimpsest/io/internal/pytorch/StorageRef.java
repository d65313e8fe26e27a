package org.palimpsest.io.internal.pytorch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.PyTuple;

/**
 * A storage that a pickle names: a run of numbers kept elsewhere in the file.
 *
 * @param key its name
 * @param typeName what PyTorch calls its type, such as {@code FloatStorage}
 * @param elements how many numbers it has
 * @param viewOffset how many numbers to skip, in files from before PyTorch 0.4
 */
record StorageRef(String key, String typeName, long elements, long viewOffset) {

  /** PyTorch itself writes storages without a type into its old format, but cannot load them. */
  static final String UNTYPED_IN_OLD_FORMAT = "UntypedStorage, in PyTorch's old format";

  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("DoubleStorage", ElementType.FLOAT64),
          Map.entry("FloatStorage", ElementType.FLOAT32),
          Map.entry("HalfStorage", ElementType.FLOAT16),
          Map.entry("BFloat16Storage", ElementType.BFLOAT16),
          Map.entry("LongStorage", ElementType.INT64),
          Map.entry("IntStorage", ElementType.INT32),
          Map.entry("ShortStorage", ElementType.INT16),
          Map.entry("CharStorage", ElementType.INT8),
          Map.entry("ByteStorage", ElementType.UINT8),
          Map.entry("BoolStorage", ElementType.BOOL),
          Map.entry("UntypedStorage", ElementType.UINT8),
          Map.entry("_UntypedStorage", ElementType.UINT8));

  /** The reference in a persistent identifier, if it is one of a storage. */
  static Optional<StorageRef> of(PyTuple id) {
    List<Object> parts = id.items();
    if (parts.size() >= 5
        && "storage".equals(parts.get(0))
        && parts.get(1) instanceof Global type
        && parts.get(2) instanceof String key
        && parts.get(4) instanceof Long elements
        && elements >= 0) {
      return Optional.of(new StorageRef(key, type.name(), elements, viewOffset(parts)));
    }
    return Optional.empty();
  }

  private static long viewOffset(List<Object> parts) {
    return parts.size() > 5
            && parts.get(5) instanceof PyTuple view
            && view.items().size() == 3
            && view.items().get(1) instanceof Long offset
        ? Math.max(0, offset)
        : 0;
  }

  /** Whether another reference to the same key can be right as well. */
  boolean sameNumbers(StorageRef other) {
    return typeName.equals(other.typeName) && elements == other.elements;
  }

  StorageRef inOldFormat() {
    return typeName.endsWith("UntypedStorage")
        ? new StorageRef(key, UNTYPED_IN_OLD_FORMAT, elements, viewOffset)
        : this;
  }

  Optional<ElementType> type() {
    return Optional.ofNullable(TYPES.get(typeName));
  }
}
