package org.palimpsest.io.internal.binary;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorWriter;

/** Reads numbers that follow one another in a stream, block by block, however many. */
public final class Elements {

  private static final int BLOCK = 1 << 14;

  private Elements() {}

  /**
   * Reads numbers into a vector. Check before that the stream can hold so many.
   *
   * @param in at the first number
   * @param count how many, at least one
   * @param source what to call it in a message
   * @throws EOFException if there are fewer
   */
  public static INDArray read(
      InputStream in, ElementType type, ByteOrder order, long count, String source)
      throws IOException {
    TensorWriter writer = Allocation.tensor(source, type.tensorType(), count);
    int room = (int) Math.min(BLOCK, count); // files may have a hundred thousand small tensors
    byte[] bytes = new byte[room * type.size()];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
    Block block = type == ElementType.FLOAT32 ? floats(buffer, room) : numbers(buffer, type, room);
    for (long done = 0; done < count; done += BLOCK) {
      int some = (int) Math.min(BLOCK, count - done);
      int size = some * type.size();
      if (in.readNBytes(bytes, 0, size) < size) {
        throw new EOFException("after " + done + " numbers of " + count);
      }
      block.write(writer, done, some);
    }
    return writer.tensor();
  }

  /** Writes the numbers whose bytes were read last. */
  @FunctionalInterface
  private interface Block {
    void write(TensorWriter writer, long at, int count);
  }

  /** Without a detour by float64. */
  private static Block floats(ByteBuffer bytes, int room) {
    float[] values = new float[room];
    return (writer, at, count) -> {
      bytes.asFloatBuffer().get(values, 0, count);
      writer.write(at, values, count);
    };
  }

  private static Block numbers(ByteBuffer bytes, ElementType type, int room) {
    double[] values = new double[room];
    return (writer, at, count) -> {
      for (int i = 0; i < count; i++) {
        values[i] = type.get(bytes, i * type.size());
      }
      writer.write(at, values, count);
    };
  }

  /**
   * Reads numbers into an array, each rounded to float32 after something was done to it.
   *
   * @param in at the first number
   * @param change what is done to each
   * @throws EOFException if there are fewer than the array takes
   */
  public static void read(
      InputStream in, ElementType type, ByteOrder order, float[] target, DoubleUnaryOperator change)
      throws IOException {
    byte[] bytes = new byte[Math.min(BLOCK, target.length) * type.size()];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
    for (int done = 0; done < target.length; done += BLOCK) {
      int some = Math.min(BLOCK, target.length - done);
      int size = some * type.size();
      if (in.readNBytes(bytes, 0, size) < size) {
        throw new EOFException("after " + done + " numbers of " + target.length);
      }
      for (int i = 0; i < some; i++) {
        target[done + i] = (float) change.applyAsDouble(type.get(buffer, i * type.size()));
      }
    }
  }
}
