package org.palimpsest.io.onnx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that is stored in the file.
 *
 * @param name its name
 * @param shape its shape
 * @param type the number of its type in ONNX
 * @param content its elements in little-endian order, if they are stored as bytes
 * @param packed its elements as packed numbers of their type, if they are stored so
 * @param external whether its elements are in another file
 */
record OnnxTensorInfo(
    String name,
    List<Long> shape,
    int type,
    byte @Nullable [] content,
    byte @Nullable [] packed,
    boolean external) {

  static final int FLOAT = 1;
  static final int FLOAT16 = 10;
  static final int DOUBLE = 11;
  static final int BFLOAT16 = 16;
  private static final int DIMENSIONS = 1;
  private static final int TYPE = 2;
  private static final int FLOATS = 4;
  private static final int NAME = 8;
  private static final int RAW = 9;
  private static final int DOUBLES = 10;
  private static final int LOCATION = 14;
  private static final int MOST_DIMENSIONS = 32;

  static OnnxTensorInfo read(ProtoReader in) {
    String name = "";
    List<Long> shape = new ArrayList<>();
    int type = 0;
    byte[] content = null;
    byte[] packed = null;
    boolean external = false;
    for (int field = in.nextField(); field != 0; field = in.nextField()) {
      switch (field) {
        case DIMENSIONS -> addDimensions(in, shape);
        case TYPE -> type = (int) in.varint();
        case NAME -> name = in.text();
        case RAW -> content = in.content();
        case FLOATS, DOUBLES -> packed = packed(in);
        case LOCATION -> external = in.varint() != 0;
        default -> in.skip();
      }
    }
    return new OnnxTensorInfo(name, List.copyOf(shape), type, content, packed, external);
  }

  private static byte @Nullable [] packed(ProtoReader in) {
    if (in.wireType() == ProtoReader.LENGTH) {
      return in.content();
    }
    in.skip();
    return null;
  }

  private static void addDimensions(ProtoReader in, List<Long> shape) {
    if (in.wireType() == ProtoReader.LENGTH) {
      ProtoReader packed = in.message();
      while (packed.hasMore()) {
        add(shape, packed.packedVarint());
      }
    } else {
      add(shape, in.varint());
    }
  }

  private static void add(List<Long> shape, long extent) {
    if (extent < 0 || shape.size() == MOST_DIMENSIONS) {
      throw new ProtoReader.Malformed("a tensor of the shape " + shape + ", " + extent);
    }
    shape.add(extent);
  }

  boolean isFloating() {
    return bytesPerElement() > 0;
  }

  /** Of a floating type; 0 for others. */
  int bytesPerElement() {
    return switch (type) {
      case FLOAT -> Float.BYTES;
      case DOUBLE -> Double.BYTES;
      case FLOAT16, BFLOAT16 -> Short.BYTES;
      default -> 0;
    };
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** The number of elements that the shape announces. */
  long elements() {
    long count = 1;
    for (long extent : shape) {
      if (extent != 0 && count > Long.MAX_VALUE / Double.BYTES / extent) {
        throw new ProtoReader.Malformed("tensor '" + name + "' of the shape " + shape);
      }
      count *= extent;
    }
    return count;
  }
}
