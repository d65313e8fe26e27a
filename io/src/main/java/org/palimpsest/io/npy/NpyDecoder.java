package org.palimpsest.io.npy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.io.binary.Allocation;

/** Turns the elements of an NPY array into a tensor in C order, block by block. */
final class NpyDecoder {

  private static final int BLOCK = 1 << 14;

  private NpyDecoder() {}

  /**
   * Reads all elements of an array.
   *
   * @param in at the first element
   */
  static INDArray read(NpyHeader header, InputStream in, String source) throws IOException {
    long[] extents = header.extents();
    if (!header.fortranOrder() || extents.length < 2) {
      return readInOrder(header.type(), extents, in, source);
    }
    return transposed(readInOrder(header.type(), reversed(extents), in, source));
  }

  /**
   * Reads a tensor whose elements follow one another in C order.
   *
   * @param extents its shape; empty for a single number
   */
  static INDArray readInOrder(NpyType type, long[] extents, InputStream in, String source)
      throws IOException {
    long elements = 1;
    for (long extent : extents) {
      elements *= extent;
    }
    TensorWriter writer = Allocation.tensor(source, type.tensorType(), elements);
    byte[] bytes = new byte[BLOCK * type.size()];
    double[] values = new double[BLOCK];
    for (long done = 0; done < elements; done += BLOCK) {
      int count = (int) Math.min(BLOCK, elements - done);
      int size = count * type.size();
      if (in.readNBytes(bytes, 0, size) < size) {
        throw new EOFException("in the elements of an array");
      }
      type.decode(bytes, count, values);
      writer.write(done, values, count);
    }
    return writer.tensor().reshape('c', extents);
  }

  /** The tensor with its dimensions in reverse, in C order. */
  static INDArray transposed(INDArray tensor) {
    int rank = tensor.rank();
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = rank - 1 - i;
    }
    return tensor.permute(order).dup('c');
  }

  static long[] reversed(long[] extents) {
    long[] reversed = new long[extents.length];
    for (int i = 0; i < extents.length; i++) {
      reversed[i] = extents[extents.length - 1 - i];
    }
    return reversed;
  }
}
