package org.palimpsest.io.internal.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * What a safetensors file says of one tensor.
 *
 * @param name its name
 * @param dtype the format's name of its type, such as {@code BF16}
 * @param shape its shape; empty for a single number
 * @param begin where its numbers begin, counted from the end of the header
 * @param end where they end
 */
record SafetensorsEntry(String name, String dtype, List<Long> shape, long begin, long end) {

  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("F64", ElementType.FLOAT64),
          Map.entry("F32", ElementType.FLOAT32),
          Map.entry("F16", ElementType.FLOAT16),
          Map.entry("BF16", ElementType.BFLOAT16),
          Map.entry("I64", ElementType.INT64),
          Map.entry("I32", ElementType.INT32),
          Map.entry("I16", ElementType.INT16),
          Map.entry("I8", ElementType.INT8),
          Map.entry("U64", ElementType.UINT64),
          Map.entry("U32", ElementType.UINT32),
          Map.entry("U16", ElementType.UINT16),
          Map.entry("U8", ElementType.UINT8),
          Map.entry("BOOL", ElementType.BOOL));

  static SafetensorsEntry parse(String name, JsonNode node, String source) {
    JsonNode offsets = node.path("data_offsets");
    JsonNode extents = node.path("shape");
    boolean whole =
        node.path("dtype").isTextual()
            && extents.isArray()
            && offsets.isArray()
            && offsets.size() == 2
            && offsets.path(0).isIntegralNumber()
            && offsets.path(1).isIntegralNumber()
            && offsets.path(0).canConvertToLong()
            && offsets.path(1).canConvertToLong();
    List<Long> shape = new ArrayList<>();
    for (JsonNode extent : extents) {
      whole &= extent.isIntegralNumber() && extent.canConvertToLong();
      shape.add(extent.asLong());
    }
    if (!whole) {
      throw new PalimpsestException(
          "%s describes tensor '%.80s' in an unknown way: it is damaged.".formatted(source, name));
    }
    SafetensorsEntry entry =
        new SafetensorsEntry(
            name,
            node.path("dtype").asText(),
            List.copyOf(shape),
            offsets.path(0).asLong(),
            offsets.path(1).asLong());
    entry.requireFitting(source);
    return entry;
  }

  private void requireFitting(String source) {
    String what = "Tensor '%.80s' in %s".formatted(name, source);
    long elements = Shapes.elements(shape, what);
    boolean fits = begin >= 0 && end >= begin;
    if (fits && type().isPresent()) {
      fits =
          elements == (end - begin) / type().get().size()
              && (end - begin) % type().get().size() == 0;
    }
    if (!fits) {
      throw new PalimpsestException(
          "%s claims %s numbers of shape %s in the bytes %d to %d: the file is damaged."
              .formatted(what, dtype, shape, begin, end));
    }
  }

  /** Its type, if it is one that is read. */
  Optional<ElementType> type() {
    return Optional.ofNullable(TYPES.get(dtype));
  }

  boolean isEmpty() {
    return shape.contains(0L);
  }
}
