package org.palimpsest.io.internal.pickle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;

/** Reads the arguments of opcodes. What a length claims is never allocated before it was read. */
final class PickleInput {

  private static final int CHUNK = 1 << 16;
  private static final long MAX_BYTES = 1L << 26;
  private static final int MAX_LINE = 1 << 16;

  private final InputStream in;
  private final String source;
  private long consumed;

  PickleInput(InputStream in, String source) {
    this.in = in;
    this.source = source;
  }

  int unsignedByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new EOFException("in a pickle");
    }
    count(1);
    return value;
  }

  private ByteBuffer buffer(int size) throws IOException {
    return ByteBuffer.wrap(bytes(size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  int unsignedShort() throws IOException {
    return buffer(Short.BYTES).getShort() & 0xffff;
  }

  int signedInt() throws IOException {
    return buffer(Integer.BYTES).getInt();
  }

  long unsignedInt() throws IOException {
    return signedInt() & 0xffffffffL;
  }

  long signedLong() throws IOException {
    return buffer(Long.BYTES).getLong();
  }

  double bigEndianDouble() throws IOException {
    return ByteBuffer.wrap(bytes(Double.BYTES)).getDouble();
  }

  byte[] bytes(long size) throws IOException {
    if (size < 0 || size > MAX_BYTES) {
      throw new PalimpsestException(
          "%s has a pickle that claims a single text or number of %d bytes: it is damaged or harmful."
              .formatted(source, size));
    }
    count(size);
    byte[] read = new byte[(int) Math.min(size, CHUNK)];
    int done = 0;
    while (done < size) {
      if (done == read.length) {
        read = Arrays.copyOf(read, (int) Math.min(size, 2L * read.length));
      }
      int some = in.read(read, done, read.length - done);
      if (some < 0) {
        throw new EOFException("in a pickle");
      }
      done += some;
    }
    return read;
  }

  String text(long size) throws IOException {
    return new String(bytes(size), StandardCharsets.UTF_8);
  }

  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = unsignedByte(); next != '\n'; next = unsignedByte()) {
      line.append((char) next);
      if (line.length() > MAX_LINE) {
        throw tooLarge();
      }
    }
    return line.toString();
  }

  private void count(long bytes) {
    consumed += bytes;
    if (consumed > MAX_BYTES) {
      throw tooLarge();
    }
  }

  private PalimpsestException tooLarge() {
    return new PalimpsestException(
        source
            + " has a pickle of more than 64 MB beside its tensors, as only a damaged or harmful"
            + " file does. Save the state_dict() alone.");
  }
}
