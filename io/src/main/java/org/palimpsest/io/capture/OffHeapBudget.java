package org.palimpsest.io.capture;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keeps tensors that nobody holds any more from piling up outside the heap.
 *
 * <p>ND4J frees a tensor's memory when the garbage collector has found it unreachable. Seen from
 * the heap a tensor is small, so that a long capture would fill gigabytes before there is reason to
 * collect. Whoever hands out many tensors says so here; now and then a collection is asked for.
 */
public final class OffHeapBudget {

  private static final long BYTES_BETWEEN_COLLECTIONS = 256L << 20;

  private long handedOut;

  /** Says that tensors are handed out. */
  public void handOut(Iterable<INDArray> tensors) {
    for (INDArray tensor : tensors) {
      handedOut += tensor.length() * tensor.dataType().width();
    }
    if (handedOut > BYTES_BETWEEN_COLLECTIONS) {
      handedOut = 0;
      System.gc();
    }
  }
}
