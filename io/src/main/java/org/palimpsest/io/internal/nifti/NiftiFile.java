package org.palimpsest.io.internal.nifti;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Elements;

/** A NIfTI volume in one file, packed with gzip or not. */
public final class NiftiFile {

  private static final long MOST_THAT_DEFLATE_CAN = 1040;
  private static final int INFLATED_AT_ONCE = 1 << 16;

  private NiftiFile() {}

  /**
   * Reads the voxels, scaled as the header says (slope and intercept).
   *
   * @return axes in C order, that is {@code (z, y, x)}, with time and the like before them; axes of
   *     extent 1 beyond the third are dropped
   * @throws PalimpsestException if it is no NIfTI file, is damaged or truncated, or of a type that
   *     is not read
   */
  public static INDArray read(Path file) {
    return with(file, (start, in, packed) -> read(start, in, file, packed));
  }

  /** Work on an unpacked file. */
  interface Reading<T> {
    /**
     * @param start its first bytes, up to {@link NiftiHeader#LONGEST} of them
     * @param in what follows
     */
    T of(byte[] start, InputStream in, boolean packed) throws IOException;
  }

  static <T> T with(Path file, Reading<T> work) {
    InputFiles.require(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream in = packed ? new Gunzip(raw, INFLATED_AT_ONCE) : raw;
      return work.of(in.readNBytes(NiftiHeader.LONGEST), in, packed);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  static InputStream whole(byte[] start, InputStream in) {
    return new SequenceInputStream(new ByteArrayInputStream(start), in);
  }

  private static INDArray read(byte[] start, InputStream in, Path file, boolean packed)
      throws IOException {
    String source = file.toString();
    NiftiHeader header = NiftiHeader.parse(start, source);
    requireSize(header, file, packed);
    InputStream all = whole(start, in);
    all.skipNBytes(header.dataOffset());
    INDArray voxels = Elements.read(all, header.type(), header.order(), header.voxels(), source);
    if (packed) {
      finish(in, file);
    }
    INDArray volume = voxels.reshape('c', shape(header));
    NiftiHeader.Scaling scaling = header.scaling();
    return scaling.isNone() ? volume : volume.muli(scaling.slope()).addi(scaling.intercept());
  }

  static void requireSize(NiftiHeader header, Path file, boolean packed) {
    long needed = Math.addExact(header.dataOffset(), header.voxels() * header.type().size());
    long size = InputFiles.size(file);
    if (packed ? needed / MOST_THAT_DEFLATE_CAN > size : needed > size) {
      throw new PalimpsestException(
          "%s is truncated or damaged: extents %s of %s need %s bytes, the file has %s."
              .formatted(file, header.extents(), header.type().displayName(), needed, size));
    }
  }

  /** The checksum of gzip comes after the last byte; extensions may stand before it. */
  static void finish(InputStream in, Path file) throws IOException {
    byte[] rest = new byte[1 << 16];
    int limit = 1 << 10;
    while (in.read(rest) >= 0) {
      limit--;
      if (limit == 0) {
        throw new PalimpsestException(file + " goes on long after its voxels: it is damaged.");
      }
    }
  }

  private static long[] shape(NiftiHeader header) {
    List<Long> extents = new ArrayList<>(header.extents());
    while (extents.size() > 3 && extents.get(extents.size() - 1) == 1) {
      extents.remove(extents.size() - 1);
    }
    long[] shape = new long[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = extents.get(shape.length - 1 - i);
    }
    return shape;
  }

  /**
   * Unpacks gzip as Python does: members one after the other, with zeros behind them. What else
   * comes after a member is refused, which the JDK's own stream passes over.
   */
  private static final class Gunzip extends InputStream {

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
        throw new ZipException("its gzip has method %s and flags %s".formatted(method, flags));
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
}
