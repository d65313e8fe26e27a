package org.palimpsest.io.internal.binary;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/** Checks shapes that files claim. */
public final class Shapes {

  /** ND4J's native code writes over its stack where it reorders the axes of 16 or more. */
  private static final int MAX_RANK = 8;

  private Shapes() {}

  /**
   * The number of elements of a shape.
   *
   * @throws PalimpsestException if it has a negative extent, more than 8 dimensions, or more
   *     elements than any file can hold
   */
  public static long elements(List<Long> shape, String source) {
    requireRank(shape.size(), source);
    long elements = 1;
    boolean empty = shape.contains(0L);
    for (long extent : shape) {
      if (extent < 0 || extent > 0 && !empty && elements > (Long.MAX_VALUE >> 4) / extent) {
        throw new PalimpsestException(
            "%s claims the shape %s, which no file can hold: it is damaged."
                .formatted(source, shape));
      }
      elements *= empty ? 0 : extent;
    }
    return elements;
  }

  /**
   * Makes sure that something has no more dimensions than can be read.
   *
   * @throws PalimpsestException if it has more than 8
   */
  public static void requireRank(int rank, String source) {
    if (rank > MAX_RANK) {
      throw new PalimpsestException(
          "%s has %s dimensions; at most %s are read. Save it with some of them joined."
              .formatted(source, rank, MAX_RANK));
    }
  }

  /** The tensor with its dimensions in reverse, in C order. */
  public static INDArray reversed(INDArray tensor) {
    int rank = tensor.rank();
    requireRank(rank, "A tensor");
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = rank - 1 - i;
    }
    return rank < 2 ? tensor : tensor.permute(order).dup('c');
  }

  public static long[] array(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
