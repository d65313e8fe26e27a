package org.palimpsest.io.internal.hdf5;

import io.jhdf.HdfFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/**
 * An HDF5 file that is there to its end. Given a path, jHDF does not compare the end that a file
 * tells with its size, and where bytes are missing it repeats those that are there.
 */
public final class Hdf5File extends HdfFile {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  private static final int SMALLEST_USER_BLOCK = 512;
  private static final int LONGEST_SUPERBLOCK = 96;
  private static final int WIDTH = Long.BYTES;
  private static final int FIRST_WITH_MARKS_OF_WRITERS = 3;
  private static final int STILL_WRITTEN = 1;
  private static final int LONGEST_DRIVER_INFORMATION = 512;
  private static final List<String> DRIVERS_OF_SEVERAL_FILES = List.of("NCSAfami", "NCSAmult");

  private final Path path;

  private Hdf5File(Path path, FileChannel channel) {
    super(channel);
    this.path = path;
  }

  /**
   * Opens a file.
   *
   * @throws PalimpsestException if it is cut off, was not closed by its writer, is one of several
   *     that belong together, or has addresses of another width than eight bytes
   */
  public static Hdf5File open(Path file) {
    FileChannel channel = null;
    boolean opened = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      Superblock superblock = Superblock.of(file, channel);
      superblock.requireWhole(channel);
      Hdf5File whole = new Hdf5File(file, new WholeReads(channel, superblock.end));
      opened = true;
      return whole;
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    } finally {
      if (!opened) {
        close(channel);
      }
    }
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException ignored) {
      // what was wrong before is thrown
    }
  }

  /** Where it lies; jHDF knows it not, since it is given a channel. */
  @Override
  public Path getFileAsPath() {
    return path;
  }

  /**
   * What a file tells of itself before all else.
   *
   * @param end the first byte behind all that belongs to it, counted from the start of the file
   * @param driver where it is told how the file is spread over several, or -1
   */
  private record Superblock(Path file, int version, int marks, long base, long end, long driver) {

    static Superblock of(Path file, FileChannel channel) throws IOException {
      for (long at = 0; at < channel.size(); at = Math.max(SMALLEST_USER_BLOCK, 2 * at)) {
        ByteBuffer bytes = read(channel, at, LONGEST_SUPERBLOCK);
        byte[] start = new byte[Math.min(SIGNATURE.length, bytes.remaining())];
        bytes.get(start);
        if (Arrays.equals(start, SIGNATURE)) {
          return of(file, at, bytes);
        }
      }
      throw new PalimpsestException(file + " is not an HDF5 file: it has no signature of one.");
    }

    private static Superblock of(Path file, long at, ByteBuffer bytes) {
      boolean old = bytes.hasRemaining() && bytes.get(8) < 2;
      if (bytes.limit() < (old ? LONGEST_SUPERBLOCK : LONGEST_SUPERBLOCK / 2)) {
        throw new PalimpsestException(
            file + " ends within its first block: it is truncated. Copy or write it again.");
      }
      int version = bytes.get(8);
      int offsets = bytes.get(old ? 13 : 9);
      int lengths = bytes.get(old ? 14 : 10);
      if (offsets != WIDTH || lengths != WIDTH && lengths != WIDTH / 2) {
        throw new PalimpsestException(
            "%s has addresses of %s bytes and lengths of %s (H5Pset_sizes), which is not read. Save it with the usual 8 and 8."
                .formatted(file, offsets, lengths));
      }
      int first = old ? 24 + 4 * version : 12;
      int driver = first + (old ? 3 : 1) * WIDTH;
      if (bytes.getLong(first) != at) {
        throw new PalimpsestException(
            "%s has its first block at byte %s, which says that it is at byte %s: something was put or taken away before it. Copy or write it again."
                .formatted(file, at, bytes.getLong(first)));
      }
      return new Superblock(
          file,
          old ? 0 : version,
          old ? 0 : bytes.get(11),
          at,
          bytes.getLong(first + 2 * WIDTH),
          bytes.getLong(driver));
    }

    private static ByteBuffer read(FileChannel channel, long at, int most) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(most).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) > 0) {}
      return bytes.flip();
    }

    void requireWhole(FileChannel channel) throws IOException {
      requireAlone(channel);
      if (version >= FIRST_WITH_MARKS_OF_WRITERS && (marks & STILL_WRITTEN) != 0) {
        throw new PalimpsestException(
            file
                + " is still written to, or its writer stopped before it closed the file. Close it,"
                + " or have h5clear -s tell that it is whole.");
      }
      if (end < 0 || end > channel.size()) {
        throw new PalimpsestException(
            "%s is truncated: it ends after %s bytes, and tells that it has %s. Copy or write it again."
                .formatted(file, channel.size(), end));
      }
    }

    private void requireAlone(FileChannel channel) throws IOException {
      if (driver < 0 || base < 0 || driver > channel.size() - base) {
        return;
      }
      ByteBuffer told = read(channel, base + driver, LONGEST_DRIVER_INFORMATION);
      String text = StandardCharsets.ISO_8859_1.decode(told).toString();
      if (DRIVERS_OF_SEVERAL_FILES.stream().anyMatch(text::contains)) {
        throw new PalimpsestException(
            "%s is one of several files that hold the content together (HDF5's drivers 'family', 'multi' and 'split'), which is not read. Join them: h5repack with the driver that wrote them makes one file."
                .formatted(file));
      }
    }
  }

  /**
   * A file of which every reading at a position gives all that is asked for, or fails. What lies
   * behind its end, such as bytes that were appended, is never given.
   */
  private static final class WholeReads extends FileChannel {

    private static final int NODE_HEADER = 24;

    /** "TREE". */
    private static final int NODE_OF_TREE = 0x45455254;

    private final FileChannel file;
    private final long end;

    WholeReads(FileChannel file, long end) {
      this.file = file;
      this.end = end;
    }

    private void requireWithin(long position, long count) throws IOException {
      if (position < 0 || count < 0 || position > end - count) {
        throw new EOFException(
            "%s bytes from byte %s on do not lie within the %s of the file"
                .formatted(count, position, end));
      }
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
      int count = to.remaining();
      int more = emptyPlaces(position, count);
      requireWithin(position, count - more);
      int limit = to.limit();
      to.limit(limit - more);
      while (to.hasRemaining()) {
        if (file.read(to, position + count - more - to.remaining()) < 0) {
          throw new EOFException("the file became shorter while it was read");
        }
      }
      to.limit(limit);
      to.put(new byte[more]);
      return count;
    }

    /**
     * How many of the bytes that jHDF asks for lie behind the end and are none of the file: of a
     * node of a group's names it reads twice as many places as are in use.
     */
    private int emptyPlaces(long position, int count) throws IOException {
      long behind = position - (end - count);
      if (behind <= 0 || position < NODE_HEADER) {
        return 0;
      }
      ByteBuffer header = ByteBuffer.allocate(NODE_HEADER).order(ByteOrder.LITTLE_ENDIAN);
      while (header.hasRemaining()) {
        if (file.read(header, position - header.remaining()) < 0) {
          return 0;
        }
      }
      long used = Short.toUnsignedLong(header.getShort(6));
      boolean ofNames = header.getInt(0) == NODE_OF_TREE && header.get(4) == 0;
      long needed = (2 * used + 1) * Long.BYTES;
      long asked = (4 * used + 1) * Long.BYTES;
      return ofNames && count == asked && position + needed <= end ? Math.toIntExact(behind) : 0;
    }

    /**
     * Where a file is cut off while it is mapped, Java fails at any later place; jHDF reads then.
     */
    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException("read at positions, not mapped");
    }

    @Override
    public long size() {
      return end;
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }

    @Override
    public int read(ByteBuffer to) {
      throw atPositionsOnly();
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) {
      throw atPositionsOnly();
    }

    @Override
    public long position() {
      throw atPositionsOnly();
    }

    @Override
    public FileChannel position(long position) {
      throw atPositionsOnly();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw atPositionsOnly();
    }

    private static UnsupportedOperationException atPositionsOnly() {
      return new UnsupportedOperationException("read at positions only");
    }

    @Override
    public int write(ByteBuffer from) {
      throw new NonWritableChannelException();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
      throw new NonWritableChannelException();
    }

    @Override
    public int write(ByteBuffer from, long position) {
      throw new NonWritableChannelException();
    }

    @Override
    public FileChannel truncate(long size) {
      throw new NonWritableChannelException();
    }

    @Override
    public void force(boolean metaData) {
      throw new NonWritableChannelException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new NonWritableChannelException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new NonWritableChannelException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new NonWritableChannelException();
    }
  }
}
