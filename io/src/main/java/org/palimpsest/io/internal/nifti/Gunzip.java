package org.palimpsest.io.internal.nifti;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Unpacks gzip as Python does: members one after the other, with zeros behind them. What else comes
 * after a member is refused, which the JDK's own stream passes over.
 */
final class Gunzip extends InputStream {

  private static final int DEFLATED = 8;
  private static final int CHECKSUM_OF_HEADER = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final byte[] buffer;
  private final PushbackInputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 sum = new CRC32();
  private int filled;
  private boolean ended;

  Gunzip(InputStream in, int atOnce) throws IOException {
    this.buffer = new byte[atOnce];
    this.in = new PushbackInputStream(in, atOnce);
    beginMember(this.in.read());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (!ended && length > 0) {
      int count = inflate(target, offset, length);
      if (count > 0) {
        sum.update(target, offset, count);
        return count;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsInput()) {
        fill();
      } else {
        throw new ZipException("its packed bytes need a dictionary, which gzip has not");
      }
    }
    return length == 0 ? 0 : -1;
  }

  private int inflate(byte[] target, int offset, int length) throws ZipException {
    try {
      return inflater.inflate(target, offset, length);
    } catch (DataFormatException failure) {
      ZipException damaged = new ZipException(String.valueOf(failure.getMessage()));
      damaged.initCause(failure);
      throw damaged;
    }
  }

  private void fill() throws IOException {
    filled = in.read(buffer);
    if (filled < 0) {
      throw new EOFException("the packed bytes end too early");
    }
    inflater.setInput(buffer, 0, filled);
  }

  private void endMember() throws IOException {
    in.unread(buffer, filled - inflater.getRemaining(), inflater.getRemaining());
    long checksum = number(4);
    long length = number(4);
    if (checksum != sum.getValue() || length != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("the checksum or length of its gzip differs");
    }
    int next = in.read();
    while (next == 0) {
      next = in.read();
    }
    ended = next < 0;
    if (!ended) {
      beginMember(next);
      inflater.reset();
      sum.reset();
    }
  }

  private void beginMember(int first) throws IOException {
    if (first != 0x1f || in.read() != 0x8b) {
      throw new ZipException("bytes that are not of gzip follow where it ends");
    }
    int method = in.read();
    int flags = in.read();
    if (method != DEFLATED || flags > (COMMENT | NAME | EXTRA | CHECKSUM_OF_HEADER | 1)) {
      throw new ZipException("its gzip has method %d and flags %d".formatted(method, flags));
    }
    in.skipNBytes(6); // time, level and system
    if ((flags & EXTRA) != 0) {
      in.skipNBytes(number(2));
    }
    for (int text = NAME; text <= COMMENT; text *= 2) {
      while ((flags & text) != 0 && byteOf(in.read()) != 0) {
        continue;
      }
    }
    in.skipNBytes((flags & CHECKSUM_OF_HEADER) == 0 ? 0 : 2);
  }

  private long number(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) byteOf(in.read()) << Byte.SIZE * i;
    }
    return value;
  }

  private static int byteOf(int read) throws EOFException {
    if (read < 0) {
      throw new EOFException("gzip ends within its header or checksum");
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
