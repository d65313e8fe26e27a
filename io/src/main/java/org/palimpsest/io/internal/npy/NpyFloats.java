package org.palimpsest.io.internal.npy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;

/**
 * An array of float32 that is written row by row without being in memory. How many rows there are
 * may be left open until the end. Closed without {@link #finish()}, it leaves nothing behind.
 */
public final class NpyFloats implements AutoCloseable {

  private static final int BLOCK = 1 << 14;

  private final AtomicFile file;
  private final Path target;
  private final long[] shape;
  private final Path rows;
  private final OutputStream out;
  private final long rowElements;
  private long written;

  private NpyFloats(AtomicFile file, Path target, long[] shape, Path rows, OutputStream out) {
    this.file = file;
    this.target = target;
    this.shape = shape;
    this.rows = rows;
    this.out = out;
    this.rowElements = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
  }

  /**
   * Begins an array.
   *
   * @param row the extents of a row
   * @throws PalimpsestException if it cannot be written there
   */
  public static NpyFloats create(Path target, long... row) {
    long[] shape = new long[row.length + 1];
    System.arraycopy(row, 0, shape, 1, row.length);
    AtomicFile file = AtomicFile.create(target);
    Path rows = file.temporary();
    try {
      OutputStream out = new BufferedOutputStream(Files.newOutputStream(rows), 4 * BLOCK);
      shape[0] = Long.MAX_VALUE;
      out.write(NpyEncoder.header(DataType.FLOAT, shape));
      return new NpyFloats(file, target, shape, rows, out);
    } catch (IOException failure) {
      file.close();
      throw AtomicFile.unwritable(target, failure);
    }
  }

  /** Writes some values, which need not be a whole row. */
  public void append(float[] values) {
    int count = values.length;
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    try {
      for (int done = 0; done < count; done += BLOCK) {
        int some = Math.min(BLOCK, count - done);
        bytes.clear();
        bytes.asFloatBuffer().put(values, done, some);
        out.write(bytes.array(), 0, Float.BYTES * some);
      }
      written += count;
    } catch (IOException failure) {
      throw AtomicFile.unwritable(target, failure);
    }
  }

  /**
   * Gives the file its name.
   *
   * @return its shape
   * @throws IllegalStateException if the last row is not whole, or there is none
   */
  public long[] finish() {
    if (written == 0 || written % rowElements != 0) {
      throw new IllegalStateException(
          "%s values are no rows of %s".formatted(written, rowElements));
    }
    int length = NpyEncoder.header(DataType.FLOAT, shape).length;
    shape[0] = written / rowElements;
    try {
      out.close();
      NpyEncoder.rewriteHeader(rows, length, shape);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(target, failure);
    }
    file.commit();
    return shape.clone();
  }

  @Override
  public void close() {
    try (file) {
      out.close();
    } catch (IOException failure) {
      throw AtomicFile.unwritable(target, failure);
    }
  }
}
