package org.palimpsest.core.measure;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/**
 * Reads what {@link PreparedOutput} wrote: each {@code read…} is the counterpart of the {@code
 * write…} of that name, to be called in the same order. A length for which the bytes are not there
 * is an {@link EOFException}, before anything is allocated. For one thread; the caller closes the
 * stream.
 */
public final class PreparedInput {

  private static final int BLOCK = 1 << 13;
  private static final int HIGHEST_RANK = 32;

  private final DataInputStream in;
  private long left;

  /**
   * Reads from a stream.
   *
   * @param stream begins with the first byte that was written
   * @param bytes how many bytes the stream has; nothing is read beyond them
   */
  public PreparedInput(InputStream stream, long bytes) {
    this.in = new DataInputStream(stream);
    this.left = bytes;
  }

  /**
   * How many bytes were not read yet; 0 at the end. A reader that leaves some has not read what was
   * written.
   */
  public long left() {
    return left;
  }

  private long take(long count, long bytesEach) throws EOFException {
    if (count < 0 || count > left / bytesEach) {
      throw new EOFException("%s values where %s bytes are left".formatted(count, left));
    }
    left -= count * bytesEach;
    return count;
  }

  private int takeLength(int bytesEach) throws IOException {
    return (int) take(readInt(), bytesEach);
  }

  /**
   * Reads a truth value.
   *
   * @throws EOFException if no byte is left
   */
  public boolean readBoolean() throws IOException {
    take(1, 1);
    return in.readBoolean();
  }

  /**
   * Reads an integer of 32 bits.
   *
   * @throws EOFException if fewer than four bytes are left
   */
  public int readInt() throws IOException {
    take(1, Integer.BYTES);
    return in.readInt();
  }

  /**
   * Reads an integer of 64 bits.
   *
   * @throws EOFException if fewer than eight bytes are left
   */
  public long readLong() throws IOException {
    take(1, Long.BYTES);
    return in.readLong();
  }

  /**
   * Reads a float64 number, which is the same to the bit.
   *
   * @throws EOFException if fewer than eight bytes are left
   */
  public double readDouble() throws IOException {
    take(1, Double.BYTES);
    return in.readDouble();
  }

  /**
   * Reads a text after its length in bytes.
   *
   * @throws EOFException if the length is negative, or more than the bytes that are left
   */
  public String readText() throws IOException {
    byte[] bytes = new byte[takeLength(1)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Reads what is known of a representation.
   *
   * @throws IOException if the bytes end early, or hold what cannot be known of one, such as a
   *     fingerprint that is none
   */
  public Representation.Info readInfo() throws IOException {
    String layer = readText();
    long samples = readLong();
    long features = readLong();
    int rowsPerProbe = readInt();
    String probes = readText();
    String view = readText();
    try {
      return new Representation.Info(
          layer, samples, features, rowsPerProbe, new Fingerprint(probes), view);
    } catch (PalimpsestException damaged) {
      throw new IOException(damaged);
    }
  }

  /**
   * Reads integers after their count, by blocks of 8192.
   *
   * @return a new array, which belongs to the caller
   * @throws EOFException if the bytes that are left do not hold so many
   */
  public int[] readInts() throws IOException {
    int[] values = new int[takeLength(Integer.BYTES)];
    byte[] bytes = new byte[BLOCK * Integer.BYTES];
    for (int from = 0; from < values.length; from += BLOCK) {
      int count = Math.min(BLOCK, values.length - from);
      in.readFully(bytes, 0, count * Integer.BYTES);
      ByteBuffer.wrap(bytes).asIntBuffer().get(values, from, count);
    }
    return values;
  }

  /**
   * Reads float32 numbers after their count, by blocks of 8192.
   *
   * @return a new array, which belongs to the caller
   * @throws EOFException if the bytes that are left do not hold so many
   */
  public float[] readFloats() throws IOException {
    float[] values = new float[takeLength(Float.BYTES)];
    read(values, values.length, new byte[BLOCK * Float.BYTES]);
    return values;
  }

  private void read(float[] values, int length, byte[] bytes) throws IOException {
    for (int from = 0; from < length; from += BLOCK) {
      int count = Math.min(BLOCK, length - from);
      in.readFully(bytes, 0, count * Float.BYTES);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values, from, count);
    }
  }

  /**
   * Reads float64 numbers after their count, by blocks of 8192.
   *
   * @return a new array, which belongs to the caller
   * @throws EOFException if the bytes that are left do not hold so many
   */
  public double[] readDoubles() throws IOException {
    double[] values = new double[takeLength(Double.BYTES)];
    read(values, values.length, new byte[BLOCK * Double.BYTES]);
    return values;
  }

  private void read(double[] values, int length, byte[] bytes) throws IOException {
    for (int from = 0; from < length; from += BLOCK) {
      int count = Math.min(BLOCK, length - from);
      in.readFully(bytes, 0, count * Double.BYTES);
      ByteBuffer.wrap(bytes).asDoubleBuffer().get(values, from, count);
    }
  }

  /**
   * Reads a tensor after its type and shape.
   *
   * @return a new tensor in C order, of float32 or float64 as it was written
   * @throws IOException if its rank is negative or above 32, an axis is shorter than 1, or the
   *     bytes that are left do not hold its elements
   */
  public INDArray readTensor() throws IOException {
    boolean single = readBoolean();
    int rank = readInt();
    if (rank < 0 || rank > HIGHEST_RANK) {
      throw new IOException("a tensor of rank " + rank);
    }
    long[] shape = new long[rank];
    long length = 1;
    for (int axis = 0; axis < rank; axis++) {
      shape[axis] = readLong();
      if (shape[axis] < 1 || shape[axis] > left / length) {
        throw new EOFException(
            "a tensor of %s where %s bytes are left".formatted(shape[axis], left));
      }
      length *= shape[axis];
    }
    take(length, single ? Float.BYTES : Double.BYTES);
    TensorWriter writer = TensorWriter.create(single ? DataType.FLOAT : DataType.DOUBLE, shape);
    float[] floats = new float[single ? BLOCK : 0];
    double[] doubles = new double[single ? 0 : BLOCK];
    byte[] bytes = new byte[BLOCK * Double.BYTES];
    for (long from = 0; from < length; from += BLOCK) {
      int count = (int) Math.min(BLOCK, length - from);
      if (single) {
        read(floats, count, bytes);
        writer.write(from, floats, count);
      } else {
        read(doubles, count, bytes);
        writer.write(from, doubles, count);
      }
    }
    return writer.tensor();
  }
}
