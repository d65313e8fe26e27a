package org.palimpsest.io.internal.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the pieces of an ONNX model: the fields of protocol buffers, and what tensors hold. */
public final class OnnxBytes {

  private OnnxBytes() {}

  public static byte[] number(int field, long value) {
    return join(varint((long) field << 3), varint(value));
  }

  public static byte[] message(int field, byte[] content) {
    return join(varint((long) field << 3 | 2), varint(content.length), content);
  }

  public static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return out.toByteArray();
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] floats(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putFloat((float) value);
    }
    return bytes.array();
  }

  /** An input or output of float32, [n, {@code features}]. */
  public static byte[] valueInfo(String name, int features) {
    byte[] shape = join(message(1, message(2, utf8("n"))), message(1, number(1, features)));
    byte[] type = message(1, join(number(1, 1), message(2, shape)));
    return join(message(1, utf8(name)), message(2, type));
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
