package org.palimpsest.io.internal.onnx;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that is stored in the model.
 *
 * @param name its name
 * @param shape its shape
 * @param type the number of its type in ONNX
 * @param content its elements in little-endian order, if it has any
 */
public record OnnxTensorInfo(String name, List<Long> shape, int type, byte @Nullable [] content) {

  static final int FLOAT = 1;
  public static final int UINT8 = 2;
  public static final int INT8 = 3;
  public static final int UINT16 = 4;
  public static final int INT16 = 5;
  public static final int INT32 = 6;
  public static final int FLOAT16 = 10;
  public static final int DOUBLE = 11;
  public static final int BFLOAT16 = 16;
  private static final int INT64 = 7;
  private static final int UINT32 = 12;
  private static final int UINT64 = 13;
  private static final int COMPLEX64 = 14;
  private static final int COMPLEX128 = 15;
  private static final int DIMENSIONS = 1;
  private static final int TYPE = 2;
  private static final int SEGMENT = 3;
  private static final int FLOATS = 4;
  private static final int INTEGERS = 5;
  private static final int NAME = 8;
  private static final int RAW = 9;
  private static final int DOUBLES = 10;
  private static final int LOCATION = 14;
  private static final int MOST_DIMENSIONS = 32;

  /** Bits of an element by the number of the type; 0 where it has none of its own. */
  private static final int[] BITS = {
    0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2
  };

  private static final List<String> NAMES =
      List.of(
          "undefined",
          "float32",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "float64",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16",
          "float8e4m3fn",
          "float8e4m3fnuz",
          "float8e5m2",
          "float8e5m2fnuz",
          "uint4",
          "int4",
          "float4e2m1",
          "float8e8m0",
          "uint2",
          "int2");

  static OnnxTensorInfo read(ProtoReader in) {
    String name = "";
    List<Long> shape = new ArrayList<>();
    int type = 0;
    byte[] raw = null;
    ByteArrayOutputStream floats = new ByteArrayOutputStream();
    List<Long> integers = new ArrayList<>();
    Set<Integer> fields = new HashSet<>();
    for (int field = in.nextField(); field != 0; field = in.nextField()) {
      fields.add(field);
      switch (field) {
        case DIMENSIONS -> addIntegers(in, shape);
        case TYPE -> type = (int) in.varint();
        case SEGMENT -> throw new ProtoReader.Malformed("a tensor in segments, which is not read");
        case NAME -> name = in.text();
        case RAW -> raw = in.content();
        case FLOATS, DOUBLES -> floats.writeBytes(in.numbers());
        case INTEGERS -> addIntegers(in, integers);
        case LOCATION -> {
          if (in.varint() != 0) {
            throw new ProtoReader.Malformed("a tensor '" + name + "' that lies elsewhere");
          }
        }
        default -> in.skip();
      }
    }
    requireShape(shape);
    requireFieldOf(type, fields, name);
    byte[] content = content(type, floats.toByteArray(), integers);
    if (raw != null && raw.length > 0 && content != null) {
      throw new ProtoReader.Malformed("a tensor '" + name + "' that is stored in two ways");
    }
    return new OnnxTensorInfo(name, List.copyOf(shape), type, content == null ? raw : content);
  }

  /** Numbers of some types have a field of their own, and of others one in common. */
  private static void requireFieldOf(int type, Set<Integer> fields, String name) {
    boolean wide = type == INT64 || type == UINT32 || type == UINT64;
    boolean fits =
        switch (type) {
          case FLOAT, COMPLEX64 -> !fields.contains(DOUBLES) && !fields.contains(INTEGERS);
          case DOUBLE, COMPLEX128 -> !fields.contains(FLOATS) && !fields.contains(INTEGERS);
          default ->
              !fields.contains(FLOATS)
                  && !fields.contains(DOUBLES)
                  && !(wide && fields.contains(INTEGERS));
        };
    if (!fits) {
      throw new ProtoReader.Malformed(
          "a tensor '%s' of %s whose numbers are stored as those of another type"
              .formatted(name, typeName(type)));
    }
  }

  /** Elements that were stored as numbers of another type, as bytes; null if there are none. */
  private static byte @Nullable [] content(int type, byte[] floats, List<Long> integers) {
    if (integers.isEmpty()) {
      return floats.length == 0 ? null : floats;
    }
    int width = type > 0 && type < BITS.length ? BITS[type] / Byte.SIZE : 0;
    byte[] bytes = new byte[integers.size() * width];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (integers.get(i / width) >> Byte.SIZE * (i % width));
    }
    return bytes;
  }

  static void addIntegers(ProtoReader in, List<Long> numbers) {
    if (in.wireType() == ProtoReader.LENGTH) {
      ProtoReader packed = in.message();
      while (packed.hasMore()) {
        numbers.add(packed.packedVarint());
      }
    } else {
      numbers.add(in.varint());
    }
  }

  private static void requireShape(List<Long> shape) {
    if (shape.size() > MOST_DIMENSIONS || shape.stream().anyMatch(extent -> extent < 0)) {
      throw new ProtoReader.Malformed(
          "a tensor of the shape " + shape.subList(0, Math.min(MOST_DIMENSIONS, shape.size())));
    }
  }

  public OnnxTensorInfo named(String other) {
    return new OnnxTensorInfo(other, shape, type, content);
  }

  public boolean isFloating() {
    return type == FLOAT || type == FLOAT16 || type == DOUBLE || type == BFLOAT16;
  }

  /** Whether its elements are whole numbers of a type that is read for quantised weights. */
  public boolean isInteger() {
    return type == UINT8 || type == INT8 || type == UINT16 || type == INT16 || type == INT32;
  }

  /** Whether it is of a type that only quantised weights have. */
  public boolean isQuantised() {
    return type == UINT8
        || type == INT8
        || type == UINT16
        || type == INT16
        || type >= 17 && type < BITS.length;
  }

  public String typeName() {
    return typeName(type);
  }

  public static String typeName(int type) {
    return type >= 0 && type < NAMES.size() ? NAMES.get(type) : "type " + type;
  }

  /** How many bytes its elements take; -1 if they are of a type that is not known. */
  public long bytes() {
    int bits = type > 0 && type < BITS.length ? BITS[type] : 0;
    long count = elements();
    if (bits >= Byte.SIZE) {
      return count * (bits / Byte.SIZE);
    }
    return bits == 0 ? -1 : (count * bits + Byte.SIZE - 1) / Byte.SIZE;
  }

  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** The number of elements that the shape announces. */
  public long elements() {
    long count = 1;
    for (long extent : shape) {
      if (extent != 0 && count > Long.MAX_VALUE / (2 * Double.BYTES) / extent) {
        throw new ProtoReader.Malformed("tensor '" + name + "' of the shape " + shape);
      }
      count *= extent;
    }
    return count;
  }
}
