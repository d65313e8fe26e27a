package org.palimpsest.io.capture;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keeps tensors that nobody holds any more from piling up outside the heap.
 *
 * <p>ND4J frees a tensor's memory when the garbage collector has found it unreachable. Seen from
 * the heap a tensor is small, so that a long capture would fill gigabytes before there is reason to
 * collect. Whoever hands out many tensors says so here; now and then a collection is asked for.
 */
final class OffHeapBudget {

  /** What may pile up where memory is not bounded. */
  static final long USUAL = 256L << 20;

  private long mostBytes = USUAL;
  private long handedOut;

  /** Collects after so many bytes from now on. */
  void limitTo(long bytes) {
    mostBytes = Math.min(USUAL, bytes);
  }

  /** Says that tensors were handed out; those that their receiver closed do not count. */
  void handOut(Iterable<INDArray> tensors) {
    for (INDArray tensor : tensors) {
      if (!tensor.wasClosed()) {
        handedOut += tensor.length() * tensor.dataType().width();
      }
    }
    if (handedOut > mostBytes) {
      handedOut = 0;
      System.gc();
    }
  }
}
