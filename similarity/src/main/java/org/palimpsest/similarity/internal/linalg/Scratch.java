package org.palimpsest.similarity.internal.linalg;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Memory that the next block overwrites: to make new memory costs more than to fill it. There are
 * as many pieces as were lent at one time, each as large as the largest block that was asked of it,
 * but no larger than a few megabytes.
 */
final class Scratch {

  private static final long LEAST_ELEMENTS = 1 << 16;
  private static final long MOST_ELEMENTS = 1 << 20;

  /** Not one for each thread: those of the common pool forget theirs after every task. */
  private final Deque<INDArray> idle = new ConcurrentLinkedDeque<>();

  /** Lends a block, its values left over from an earlier one, for the time of some work. */
  <T> T lend(DataType type, int rows, int columns, Function<MatrixBlock, T> work) {
    long elements = (long) rows * columns;
    if (elements > MOST_ELEMENTS) {
      MatrixBlock own = MatrixBlock.create(type, rows, columns);
      try {
        return work.apply(own);
      } finally {
        own.close();
      }
    }
    INDArray memory = take(type, elements);
    try {
      return work.apply(new MatrixBlock(memory, 0, rows, columns, columns));
    } finally {
      idle.push(memory);
    }
  }

  private INDArray take(DataType type, long elements) {
    INDArray memory = idle.poll();
    if (memory != null && memory.dataType() == type && memory.length() >= elements) {
      return memory;
    }
    if (memory != null) {
      memory.close();
    }
    return TensorWriter.create(type, Math.max(LEAST_ELEMENTS, elements)).tensor();
  }
}
