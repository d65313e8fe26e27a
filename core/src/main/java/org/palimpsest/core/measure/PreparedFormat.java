package org.palimpsest.core.measure;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/**
 * Writes what a preparation makes as plain numbers, and reads it again: for layers that outgrow
 * memory ({@link Spill}) and for those that one process prepares and another compares ({@link
 * PreparedShelf}).
 *
 * <p>The format is private to one version of the library; nothing is promised of it later. Neither
 * method closes the stream. Who stores the bytes seals them with a checksum ({@link
 * Prepared.Sealed}), so that a format need not guard against damage, but lengths are checked before
 * memory is allocated.
 *
 * @param <P> what is written
 */
public interface PreparedFormat<P extends Prepared> {

  /**
   * Writes everything that a comparison needs.
   *
   * @throws IOException if the stream fails
   */
  void write(P prepared, PreparedOutput out) throws IOException;

  /**
   * Reads what {@link #write} wrote, in the same order; scores of it are the same to the bit.
   *
   * @throws IOException if the stream fails or ends early
   */
  P read(PreparedInput in) throws IOException;

  /**
   * Numbers and arrays as bytes, big-endian; an array is its length as an int and its elements.
   * Arrays are written in blocks of 8192 elements, so that no second copy of a large one is held.
   * For one thread; it does not buffer, so that the stream should.
   *
   * <p>An implementation of {@link PreparedFormat} writes to one what a comparison needs, in an
   * order that its reading side repeats:
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
   * <p>Every method throws an {@link IOException} if the stream fails; what was written up to then
   * is of no use.
   *
   * @see PreparedInput
   */
  final class PreparedOutput {

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
     * Writes what is known of a representation: its layer, samples n, features p, rows of each
     * probe, the fingerprint of the probes (empty if it is unknown), and the view. The matrix
     * itself is not among it.
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
     * Writes whether a tensor is float32, its rank, its shape, and its elements in C order, the
     * last axis fastest. A tensor that lies in memory in another order is copied first, so that
     * what is written does not depend on that.
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

  /**
   * Reads what {@link PreparedOutput} wrote: each {@code read…} is the counterpart of the {@code
   * write…} of that name, to be called in the same order. A length for which the bytes are not
   * there is an {@link EOFException}, before anything is allocated. For one thread; the caller
   * closes the stream.
   */
  final class PreparedInput {

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
     * How many bytes were not read yet; 0 at the end. A reader that leaves some has not read what
     * was written.
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
}
