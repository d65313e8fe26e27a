package org.palimpsest.io.internal.npy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;

/** Writes tensors as NPY arrays of version 1.0: little endian, C order, float32 or float64. */
public final class NpyEncoder {

  private static final int PREFIX = 10;
  private static final int ALIGNMENT = 64;
  private static final int BLOCK = 1 << 14;

  private NpyEncoder() {}

  /** The header of an array of this type, which is float32 or float64, and shape. */
  public static byte[] header(DataType type, long... shape) {
    return header(type, 0, shape);
  }

  /** Writes the header of an array anew in the same number of bytes. */
  public static void rewriteHeader(Path file, int length, long... shape) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer header = ByteBuffer.wrap(header(DataType.FLOAT, length, shape));
      while (header.hasRemaining()) {
        channel.write(header);
      }
    }
  }

  private static byte[] header(DataType type, int least, long... shape) {
    String extents =
        Arrays.stream(shape).mapToObj(extent -> extent + ",").collect(Collectors.joining(" "));
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(type == DataType.FLOAT ? "<f4" : "<f8", extents);
    int needed = (PREFIX + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    int total = Math.max(least, needed);
    ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    header.put((byte) 1).put((byte) 0).putShort((short) (total - PREFIX));
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    Arrays.fill(header.array(), header.position(), total - 1, (byte) ' ');
    header.put(total - 1, (byte) '\n');
    return header.array();
  }

  /** Writes a tensor's elements in C order. */
  public static long writeElements(TensorReader tensor, long count, OutputStream out)
      throws IOException {
    long notFinite = 0;
    boolean single = tensor.type() == DataType.FLOAT;
    ByteBuffer bytes =
        ByteBuffer.allocate(BLOCK * (single ? Float.BYTES : Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    double[] block = new double[(int) Math.min(BLOCK, count)];
    for (long from = 0; from < count; from += BLOCK) {
      boolean whole = count - from >= block.length;
      double[] values = whole ? block : new double[(int) (count - from)];
      tensor.read(from, values);
      bytes.clear();
      for (double value : values) {
        if (!Double.isFinite(value)) {
          notFinite++;
        }
        if (single) {
          bytes.putFloat((float) value);
        } else {
          bytes.putDouble(value);
        }
      }
      out.write(bytes.array(), 0, bytes.position());
    }
    return notFinite;
  }

  public static void write(INDArray tensor, OutputStream out) throws IOException {
    TensorReader reader = TensorReader.of(tensor);
    out.write(header(reader.type(), tensor.shape()));
    writeElements(reader, tensor.length(), out);
  }
}
