package org.palimpsest.similarity.linalg;

import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Memory of one thread that the next block overwrites: to make new memory costs more than to fill
 * it. Grows to the largest block asked for, but to no more than a few megabytes.
 */
final class Scratch {

  private static final long LEAST_ELEMENTS = 1 << 16;
  private static final long MOST_ELEMENTS = 1 << 20;

  private INDArray memory = memory(DataType.FLOAT, LEAST_ELEMENTS);

  private static INDArray memory(DataType type, long elements) {
    return TensorWriter.create(type, elements).tensor();
  }

  /** Lends a block, its values left over from an earlier one, for the time of some work. */
  <T> T lend(DataType type, int rows, int columns, Function<Block, T> work) {
    long elements = (long) rows * columns;
    if (elements > MOST_ELEMENTS) {
      Block own = Block.create(type, rows, columns);
      try {
        return work.apply(own);
      } finally {
        own.close();
      }
    }
    if (elements > memory.length() || type != memory.dataType()) {
      memory.close();
      memory = memory(type, Math.max(LEAST_ELEMENTS, elements));
    }
    return work.apply(new Block(memory, 0, rows, columns, columns));
  }
}
