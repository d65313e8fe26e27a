package org.palimpsest.io.binary;

import java.util.List;
import org.palimpsest.core.PalimpsestException;

/** Checks shapes that files claim. */
public final class Shapes {

  private static final int MAX_RANK = 32;

  private Shapes() {}

  /**
   * The number of elements of a shape.
   *
   * @throws PalimpsestException if it has a negative extent, more than 32 dimensions, or more
   *     elements than any file can hold
   */
  public static long elements(List<Long> shape, String source) {
    if (shape.size() > MAX_RANK) {
      throw new PalimpsestException(
          "%s has %d dimensions; at most %d are possible."
              .formatted(source, shape.size(), MAX_RANK));
    }
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

  public static long[] array(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
