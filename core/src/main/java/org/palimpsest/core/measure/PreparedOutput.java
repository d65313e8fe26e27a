package org.palimpsest.core.measure;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.representation.Representation;

/**
 * Numbers and arrays as bytes, big-endian; an array is its length as an int and its elements.
 * Arrays are written in blocks of 8192 elements, so that no second copy of a large one is held. For
 * one thread; it does not buffer, so that the stream should.
 *
 * <p>An implementation of {@link PreparedFormat} writes to one what a comparison needs, in an order
 * that its reading side repeats:
 *
 * <pre>{@code
 * record Means(Representation.Info info, double[] means) implements Prepared {}
 *
 * public void write(Means layer, PreparedOutput out) throws IOException {
 *   out.writeInfo(layer.info());
 *   out.writeDoubles(layer.means());
 * }
 *
 * public Means read(PreparedInput in) throws IOException {
 *   return new Means(in.readInfo(), in.readDoubles());
 * }
 * }</pre>
 *
 * <p>Every method throws an {@link IOException} if the stream fails; what was written up to then is
 * of no use.
 *
 * @see PreparedInput
 */
public final class PreparedOutput {

  private static final int BLOCK = 1 << 13;

  private final DataOutputStream out;

  /**
   * Writes to a stream, which the caller closes.
   *
   * @param stream takes the bytes as they come; one that is not buffered is asked for each number
   */
  public PreparedOutput(OutputStream stream) {
    this.out = new DataOutputStream(stream);
  }

  /** Writes a truth value as one byte, 1 or 0. */
  public void writeBoolean(boolean value) throws IOException {
    out.writeBoolean(value);
  }

  /** Writes an integer of 32 bits as four bytes, in two's complement. */
  public void writeInt(int value) throws IOException {
    out.writeInt(value);
  }

  /** Writes an integer of 64 bits as eight bytes, in two's complement. */
  public void writeLong(long value) throws IOException {
    out.writeLong(value);
  }

  /**
   * Writes a float64 number as eight bytes, bit by bit: NaN, infinities and the sign of zero are
   * kept.
   */
  public void writeDouble(double value) throws IOException {
    out.writeDouble(value);
  }

  /** Writes a text of any length: its length in bytes as an int, and its characters as UTF-8. */
  public void writeText(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Writes what is known of a representation: its layer, samples n, features p, rows of each probe,
   * the fingerprint of the probes (empty if it is unknown), and the view. The matrix itself is not
   * among it.
   */
  public void writeInfo(Representation.Info info) throws IOException {
    writeText(info.layer());
    writeLong(info.samples());
    writeLong(info.features());
    writeInt(info.rowsPerProbe());
    writeText(info.probes().value());
    writeText(info.view());
  }

  /** Writes integers after their count, 4 + 4n bytes for n of them. */
  public void writeInts(int[] values) throws IOException {
    out.writeInt(values.length);
    ByteBuffer bytes = ByteBuffer.allocate(BLOCK * Integer.BYTES);
    for (int from = 0; from < values.length; from += BLOCK) {
      int count = Math.min(BLOCK, values.length - from);
      bytes.asIntBuffer().put(values, from, count);
      out.write(bytes.array(), 0, count * Integer.BYTES);
    }
  }

  /** Writes float32 numbers after their count, 4 + 4n bytes for n of them; each bit by bit. */
  public void writeFloats(float[] values) throws IOException {
    out.writeInt(values.length);
    write(values, values.length, ByteBuffer.allocate(BLOCK * Float.BYTES));
  }

  private void write(float[] values, int length, ByteBuffer bytes) throws IOException {
    for (int from = 0; from < length; from += BLOCK) {
      int count = Math.min(BLOCK, length - from);
      bytes.asFloatBuffer().put(values, from, count);
      out.write(bytes.array(), 0, count * Float.BYTES);
    }
  }

  /** Writes float64 numbers after their count, 4 + 8n bytes for n of them; each bit by bit. */
  public void writeDoubles(double[] values) throws IOException {
    out.writeInt(values.length);
    write(values, values.length, ByteBuffer.allocate(BLOCK * Double.BYTES));
  }

  private void write(double[] values, int length, ByteBuffer bytes) throws IOException {
    for (int from = 0; from < length; from += BLOCK) {
      int count = Math.min(BLOCK, length - from);
      bytes.asDoubleBuffer().put(values, from, count);
      out.write(bytes.array(), 0, count * Double.BYTES);
    }
  }

  /**
   * Writes whether a tensor is float32, its rank, its shape, and its elements in C order, the last
   * axis fastest. A tensor that lies in memory in another order is copied first, so that what is
   * written does not depend on that.
   *
   * @param tensor of float32 or float64, of any rank up to 32
   */
  public void writeTensor(INDArray tensor) throws IOException {
    boolean single = tensor.dataType() == DataType.FLOAT;
    writeBoolean(single);
    writeInt(tensor.rank());
    for (long size : tensor.shape()) {
      writeLong(size);
    }
    TensorReader reader = TensorReader.of(tensor);
    float[] floats = new float[single ? BLOCK : 0];
    double[] doubles = new double[single ? 0 : BLOCK];
    ByteBuffer bytes = ByteBuffer.allocate(BLOCK * Double.BYTES);
    for (long from = 0; from < tensor.length(); from += BLOCK) {
      int count = (int) Math.min(BLOCK, tensor.length() - from);
      if (single) {
        reader.read(from, floats, count);
        write(floats, count, bytes);
      } else {
        reader.read(from, doubles, count);
        write(doubles, count, bytes);
      }
    }
  }
}
