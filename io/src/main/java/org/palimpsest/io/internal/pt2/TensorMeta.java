package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;

/**
 * What a program says of a tensor.
 *
 * @param sizes each a number or a formula
 */
record TensorMeta(
    ElementType type, List<Union> sizes, List<Union> strides, Union offset, String where) {

  private static final int MOST_DIMENSIONS = 32;

  /** PyTorch 2.1 has one more object around it. */
  static TensorMeta of(JsonNode node, String where) {
    JsonNode meta = node.path("meta").isObject() ? node.path("meta") : node;
    int code = meta.path("dtype").asInt();
    ElementType type =
        type(code)
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        "%s is of type %s, which is not read; integers, floats, bfloat16 and bool are. Export the network without it."
                            .formatted(where, name(code))));
    JsonNode offset = meta.path("storage_offset");
    return new TensorMeta(
        type,
        unions(meta.path("sizes"), where),
        unions(meta.path("strides"), where),
        offset.isObject() ? Union.of(offset, where) : new Union("as_int", offset),
        where);
  }

  /** The name of a type that is not read, by its number in the file format. */
  private static String name(int code) {
    return switch (code) {
      case 9 -> "complex32";
      case 10 -> "complex64";
      case 11 -> "complex128";
      case 29 -> "float8_e4m3fn";
      case 30 -> "float8_e5m2";
      default -> "number " + code;
    };
  }

  /** The types by the numbers of the file format. */
  static Optional<ElementType> type(int code) {
    return Optional.ofNullable(
        switch (code) {
          case 1 -> ElementType.UINT8;
          case 2 -> ElementType.INT8;
          case 3 -> ElementType.INT16;
          case 4 -> ElementType.INT32;
          case 5 -> ElementType.INT64;
          case 6 -> ElementType.FLOAT16;
          case 7 -> ElementType.FLOAT32;
          case 8 -> ElementType.FLOAT64;
          case 12 -> ElementType.BOOL;
          case 13 -> ElementType.BFLOAT16;
          case 28 -> ElementType.UINT16;
          case 34 -> ElementType.UINT32;
          case 35 -> ElementType.UINT64;
          default -> null;
        });
  }

  private static List<Union> unions(JsonNode list, String where) {
    if (!list.isArray() || list.size() > MOST_DIMENSIONS) {
      throw new PalimpsestException(where + " is damaged: it has no sizes that can be.");
    }
    List<Union> unions = new ArrayList<>();
    list.forEach(one -> unions.add(Union.of(one, where)));
    return unions;
  }

  List<Long> fixedSizes() {
    return sizes.stream().map(this::number).toList();
  }

  List<Long> fixedStrides() {
    return strides.stream().map(this::number).toList();
  }

  long fixedOffset() {
    return number(offset);
  }

  /** A size that is a number. */
  long number(Union size) {
    JsonNode value = size.value();
    if (!size.is("as_int")
        || !value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 0) {
      throw new PalimpsestException(where + " is damaged: its sizes are no numbers.");
    }
    return value.longValue();
  }

  /** The formula of a size that is not a number, if it is one. */
  static Optional<String> formula(Union size) {
    return size.is("as_expr")
        ? Optional.of(size.value().path("expr_str").asText())
        : Optional.empty();
  }
}
