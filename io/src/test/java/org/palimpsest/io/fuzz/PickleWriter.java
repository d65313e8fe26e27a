package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles step by step, as Python's picklers of all protocols do. */
public final class PickleWriter {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final int protocol;

  public PickleWriter(int protocol) {
    this.protocol = protocol;
    if (protocol >= 2) {
      out.write(0x80);
      out.write(protocol);
    }
  }

  public PickleWriter step(int opcode) {
    out.write(opcode);
    return this;
  }

  public PickleWriter steps(String opcodes) {
    out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public PickleWriter text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (protocol >= 4 && bytes.length < 256) {
      out.write(0x8c);
      out.write(bytes.length);
    } else {
      out.write('X');
      out.writeBytes(little(4).putInt(bytes.length).array());
    }
    out.writeBytes(bytes);
    return this;
  }

  public PickleWriter number(long value) {
    if (value == (int) value) {
      out.write('J');
      out.writeBytes(little(4).putInt((int) value).array());
    } else {
      out.write(0x8a);
      out.write(8);
      out.writeBytes(little(8).putLong(value).array());
    }
    return this;
  }

  public PickleWriter real(double value) {
    out.write('G');
    out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
    return this;
  }

  public PickleWriter truth(boolean value) {
    return step(value ? 0x88 : 0x89);
  }

  /** A tuple of numbers. */
  public PickleWriter numbers(long... values) {
    step('(');
    for (long value : values) {
      number(value);
    }
    return step('t');
  }

  public PickleWriter global(String module, String name) {
    if (protocol >= 4) {
      return text(module).text(name).step(0x93);
    }
    return steps("c" + module + "\n" + name + "\n");
  }

  /** Calls what is below with nothing. */
  public PickleWriter call() {
    return steps(")R");
  }

  public byte[] bytes() {
    byte[] written = out.toByteArray();
    byte[] whole = java.util.Arrays.copyOf(written, written.length + 1);
    whole[written.length] = '.';
    return whole;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
