package org.palimpsest.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Backend;

/** The NPY files of the benchmark: float32 matrices in C order, with a header of 128 bytes. */
final class MatrixFile implements AutoCloseable {

  private static final int HEADER_BYTES = 128;
  private static final int ROWS_AT_ONCE = 1 << 12;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final FileChannel channel;
  private final int columns;

  private MatrixFile(FileChannel channel, int columns) {
    this.channel = channel;
    this.columns = columns;
  }

  static MatrixFile create(Path file, int rows, int columns) throws IOException {
    String text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s, %s), }".formatted(rows, columns);
    int length = HEADER_BYTES - MAGIC.length - 2;
    String padded = text + " ".repeat(length - 1 - text.length()) + "\n";
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putShort((short) length).put(padded.getBytes(StandardCharsets.US_ASCII));
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    writeAll(channel, header.flip());
    return new MatrixFile(channel, columns);
  }

  static MatrixFile open(Path file, int columns) throws IOException {
    return new MatrixFile(FileChannel.open(file, StandardOpenOption.READ), columns);
  }

  /** Writes the next rows. */
  void append(float[] rows) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * rows.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(rows);
    writeAll(channel, bytes);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Waits until what was written is on the disk, so that writing it disturbs no measurement. */
  void sync() throws IOException {
    channel.force(true);
  }

  /** The rows [from, from + count). */
  INDArray rows(long from, int count) throws IOException {
    INDArray rows = room(count);
    read(from, rows);
    return rows;
  }

  /** A tensor for so many rows. */
  INDArray room(int count) {
    Backend.require();
    return Nd4j.createUninitialized(DataType.FLOAT, new long[] {count, columns}, 'c');
  }

  /** Reads the rows from this one on, as many as there is room for. */
  void read(long from, INDArray rows) throws IOException {
    int count = rows.rows();
    long bytesPerRow = (long) Float.BYTES * columns;
    long at = HEADER_BYTES + from * bytesPerRow;
    for (int row = 0; row < count; row += ROWS_AT_ONCE) {
      int more = Math.min(ROWS_AT_ONCE, count - row);
      FloatPointer target =
          rows.data().pointer().getPointer(FloatPointer.class, (long) row * columns);
      ByteBuffer bytes = target.capacity((long) more * columns).asByteBuffer();
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, at + row * bytesPerRow + bytes.position()) < 0) {
          throw new EOFException("The file ends before row %s.".formatted(from + row + more));
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
