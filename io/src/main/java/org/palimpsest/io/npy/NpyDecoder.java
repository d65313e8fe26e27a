package org.palimpsest.io.npy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.Shapes;

/** Turns the elements of an NPY array into a tensor in C order, block by block. */
final class NpyDecoder {

  private NpyDecoder() {}

  /**
   * Reads all elements of an array.
   *
   * @param in at the first element
   */
  static INDArray read(NpyFile.Header header, InputStream in, String source) throws IOException {
    long[] extents = header.extents();
    if (!header.fortranOrder() || extents.length < 2) {
      return readInOrder(header.type(), extents, in, source);
    }
    return Shapes.reversed(readInOrder(header.type(), reversed(extents), in, source));
  }

  /**
   * Reads a tensor whose elements follow one another in C order.
   *
   * @param extents its shape; empty for a single number
   */
  static INDArray readInOrder(
      NpyFile.Header.NpyType type, long[] extents, InputStream in, String source)
      throws IOException {
    long elements = Arrays.stream(extents).reduce(1, Math::multiplyExact);
    return Elements.read(in, type.element(), type.order(), elements, source).reshape('c', extents);
  }

  static long[] reversed(long[] extents) {
    long[] reversed = new long[extents.length];
    for (int i = 0; i < extents.length; i++) {
      reversed[i] = extents[extents.length - 1 - i];
    }
    return reversed;
  }
}
