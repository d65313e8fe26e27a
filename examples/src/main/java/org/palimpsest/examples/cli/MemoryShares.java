package org.palimpsest.examples.cli;

/**
 * How a bound on the whole process is shared out.
 *
 * @param heap for Java's objects
 * @param tensors for numbers outside the heap, of which {@code layers} are prepared layers
 * @param layers for prepared layers
 */
record MemoryShares(long heap, long tensors, long layers) {

  /** What Java and the libraries take before there is any work, as measured. */
  static final long BASE = 340L << 20;

  /** The least that a bound may be. */
  static final long LEAST = 512L << 20;

  /** For prepared layers, where there is no bound. */
  static final long UNBOUNDED_LAYERS = 2L << 30;

  private static final int OF_HEAP = 2;
  private static final int OF_LAYERS = 3;

  static MemoryShares of(MemorySize most) {
    long room = most.bytes() - BASE;
    long heap = room / OF_HEAP;
    long tensors = room - heap;
    return new MemoryShares(heap, tensors, tensors / OF_LAYERS);
  }
}
