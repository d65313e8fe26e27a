package org.palimpsest.cli;

import java.util.Optional;

/**
 * How a bound on the whole process is shared out.
 *
 * @param heap for Java's objects
 * @param tensors for numbers outside the heap
 * @param layers of these, for prepared layers
 */
record MemoryShares(long heap, long tensors, long layers) {

  /** What Java and the libraries take before there is any work, as measured. */
  private static final long BASE = 300L << 20;

  private static final long BASE_WITHOUT_LIBRARIES = 192L << 20;

  private static final long UNBOUNDED_LAYERS = 2L << 30;
  private static final long LEAST_ROOM = 64L << 20;
  private static final long WAITING = 350L << 20;
  private static final int OF_COMPARED = 2;
  private static final int OF_HEAP = 2;
  private static final int OF_LAYERS = 2;

  static MemoryShares of(MemorySize most) {
    long room = Math.max(LEAST_ROOM, most.bytes() - BASE);
    long heap = room / OF_HEAP;
    long tensors = room - heap;
    return new MemoryShares(heap, tensors, tensors / OF_LAYERS);
  }

  /** For layers that are compared, which lie outside the heap. */
  static MemoryShares ofCompared(MemorySize most) {
    MemoryShares even = of(most);
    long heap = even.heap / OF_HEAP;
    return new MemoryShares(heap, even.tensors + even.heap - heap, even.layers);
  }

  /** For work that is done in Java alone. */
  static MemoryShares ofHeapAlone(MemorySize most) {
    return new MemoryShares(
        Math.max(LEAST_ROOM, most.bytes() - BASE_WITHOUT_LIBRARIES), LEAST_ROOM, LEAST_ROOM);
  }

  /** What prepared layers of a comparison may take, beside a network's process that waits. */
  static long forCompared(MemorySize most) {
    return Math.max(LEAST_ROOM, (most.bytes() - BASE - WAITING) / OF_COMPARED);
  }

  /** What prepared layers may take. */
  static long forLayers(Optional<MemorySize> most) {
    return most.map(size -> of(size).layers()).orElse(UNBOUNDED_LAYERS);
  }
}
