package org.palimpsest.io.internal.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Reads the fields of one protobuf message, one after the other, out of a byte array.
 *
 * <p>Nothing is copied or allocated on the word of the file: every length is held against what is
 * left of the message.
 */
public final class ProtoReader {

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;
  private static final int MOST_VARINT_BITS = 63;

  /** Says that the bytes are no protobuf. */
  static final class Malformed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  private final byte[] bytes;
  private final int end;
  private int at;
  private int wireType;

  private ProtoReader(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  static ProtoReader of(byte[] bytes) {
    return new ProtoReader(bytes, 0, bytes.length);
  }

  /** The number of the next field, or 0 at the end. Its value must be read or skipped. */
  int nextField() {
    if (at == end) {
      return 0;
    }
    long tag = readVarint();
    wireType = (int) (tag & 7);
    long field = tag >>> 3;
    if (field == 0 || field > Integer.MAX_VALUE >> 3) {
      throw new Malformed("a field of the number " + field);
    }
    return (int) field;
  }

  /** How the value of this field is written. */
  int wireType() {
    return wireType;
  }

  void skip() {
    switch (wireType) {
      case VARINT -> readVarint();
      case FIXED64 -> take(Long.BYTES);
      case LENGTH -> take(length());
      case FIXED32 -> take(Integer.BYTES);
      default -> throw new Malformed("a field of the wire type " + wireType);
    }
  }

  long varint() {
    require(VARINT);
    return readVarint();
  }

  /** Where the next field begins, or what was read last ends. */
  int position() {
    return at;
  }

  /** What begins a field whose value is so many bytes. */
  static byte[] head(int number, long size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeVarint((long) number << 3 | LENGTH, out);
    writeVarint(size, out);
    return out.toByteArray();
  }

  private static void writeVarint(long value, ByteArrayOutputStream out) {
    long left = value;
    while (left > 0x7f) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  /** The bytes of one number of a fixed width, or of several that are packed. */
  byte[] numbers() {
    if (wireType == LENGTH) {
      return content();
    }
    int width = wireType == FIXED32 ? Integer.BYTES : Long.BYTES;
    require(width == Integer.BYTES ? FIXED32 : FIXED64);
    int from = take(width);
    return Arrays.copyOfRange(bytes, from, from + width);
  }

  String text() {
    int size = lengthOfValue();
    int from = take(size);
    return new String(bytes, from, size, StandardCharsets.UTF_8);
  }

  /** ONNX's StringStringEntryProto: a name, and what is told of it. */
  Map.Entry<String, String> entry() {
    String key = "";
    String value = "";
    for (int field = nextField(); field != 0; field = nextField()) {
      switch (field) {
        case 1 -> key = text();
        case 2 -> value = text();
        default -> skip();
      }
    }
    return Map.entry(key, value);
  }

  byte[] content() {
    int size = lengthOfValue();
    int from = take(size);
    return Arrays.copyOfRange(bytes, from, from + size);
  }

  ProtoReader message() {
    int size = lengthOfValue();
    int from = take(size);
    return new ProtoReader(bytes, from, from + size);
  }

  boolean hasMore() {
    return at < end;
  }

  /** A number among packed ones, which have no tag. */
  long packedVarint() {
    return readVarint();
  }

  private int lengthOfValue() {
    require(LENGTH);
    return length();
  }

  private int length() {
    long length = readVarint();
    if (length < 0 || length > end - at) {
      throw new Malformed("%s bytes are announced where %s are left".formatted(length, end - at));
    }
    return (int) length;
  }

  private int take(int count) {
    if (count > end - at) {
      throw new Malformed("it ends too early");
    }
    int from = at;
    at += count;
    return from;
  }

  private long readVarint() {
    long value = 0;
    for (int shift = 0; shift <= MOST_VARINT_BITS; shift += 7) {
      byte next = bytes[take(1)];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new Malformed("a number of more than ten bytes");
  }

  private void require(int type) {
    if (wireType != type) {
      throw new Malformed(
          "a field of the wire type %s where %s is meant".formatted(wireType, type));
    }
  }
}
