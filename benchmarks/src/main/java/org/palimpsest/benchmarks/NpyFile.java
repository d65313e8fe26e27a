package org.palimpsest.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The NPY files of the benchmark: float32 matrices in C order, with a header of 128 bytes. */
final class NpyFile {

  private static final int HEADER_BYTES = 128;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private NpyFile() {}

  static void write(Path file, int rows, int columns, float[] values) throws IOException {
    String text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }".formatted(rows, columns);
    int length = HEADER_BYTES - MAGIC.length - 2;
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER_BYTES + Float.BYTES * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putShort((short) length);
    bytes.put(
        (text + " ".repeat(length - 1 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
    bytes.asFloatBuffer().put(values);
    Files.write(file, bytes.array());
  }

  static INDArray read(Path file, int rows, int columns) throws IOException {
    INDArray matrix = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, 'c');
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, HEADER_BYTES, 4L * rows * columns);
      float[] values = new float[rows * columns];
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      ((FloatIndexer) matrix.data().indexer()).put(0, values, 0, values.length);
    }
    return matrix;
  }
}
