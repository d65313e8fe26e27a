package org.palimpsest.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorWriter;

/** The NPY files of the benchmark: float32 matrices in C order, with a header of 128 bytes. */
final class NpyFile implements AutoCloseable {

  private static final int HEADER_BYTES = 128;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final FileChannel channel;
  private final int columns;

  private NpyFile(FileChannel channel, int columns) {
    this.channel = channel;
    this.columns = columns;
  }

  static NpyFile create(Path file, int rows, int columns) throws IOException {
    String text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }".formatted(rows, columns);
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
    return new NpyFile(channel, columns);
  }

  static NpyFile open(Path file, int columns) throws IOException {
    return new NpyFile(FileChannel.open(file, StandardOpenOption.READ), columns);
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

  /** The rows [from, from + count). */
  INDArray rows(long from, int count) throws IOException {
    long bytesPerRow = (long) Float.BYTES * columns;
    ByteBuffer bytes =
        channel.map(
            FileChannel.MapMode.READ_ONLY, HEADER_BYTES + from * bytesPerRow, count * bytesPerRow);
    float[] values = new float[count * columns];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    TensorWriter writer = TensorWriter.create(DataType.FLOAT, count, columns);
    writer.write(0, values, values.length);
    return writer.tensor();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
