package org.palimpsest.io.internal.hdf5;

import io.jhdf.object.message.DataSpace;
import java.util.stream.IntStream;

/**
 * How the chunks of a dataset are numbered: row by row, by the extents that it may grow to. An axis
 * along which it may grow without end is the slowest.
 *
 * @param shape the extents that the dataset has
 * @param most those that it may have
 * @param chunkShape those of its chunks
 * @param slowest the axis along which numbers grow most
 * @param steps how much larger the number of the next chunk along an axis is
 */
record ChunkGrid(long[] shape, long[] most, int[] chunkShape, int slowest, long[] steps) {

  private static final long UNLIMITED = -1;

  static ChunkGrid of(DataSpace space, int[] chunkShape) {
    long[] shape = space.getDimensionsAsLong();
    long[] most = space.isMaxSizesPresent() ? space.getMaxSizes() : shape;
    int slowest =
        IntStream.range(0, shape.length).filter(i -> most[i] == UNLIMITED).findFirst().orElse(0);
    long[] steps = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (i != slowest) {
        steps[i] = step;
        step = Math.multiplyExact(step, chunks(most[i], chunkShape[i]));
      }
    }
    steps[slowest] = step;
    return new ChunkGrid(shape, most, chunkShape, slowest, steps);
  }

  private static long chunks(long extent, int ofChunk) {
    return extent / ofChunk + (extent % ofChunk == 0 ? 0 : 1);
  }

  /** How many chunks there may be, along the slowest axis as many as there are. */
  long count() {
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      count =
          Math.multiplyExact(
              count, chunks(most[i] == UNLIMITED ? shape[i] : most[i], chunkShape[i]));
    }
    return count;
  }

  /** Where the first element of a chunk stands; may lie outside of what the dataset has. */
  long[] offset(long number) {
    long[] offset = new long[shape.length];
    long rest = number % steps[slowest];
    offset[slowest] = number / steps[slowest] * chunkShape[slowest];
    for (int i = 0; i < shape.length; i++) {
      if (i != slowest) {
        offset[i] = rest / steps[i] * chunkShape[i];
        rest %= steps[i];
      }
    }
    return offset;
  }
}
