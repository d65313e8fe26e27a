package org.palimpsest.io.internal.capture;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;

/**
 * Keeps tensors that nobody holds any more from piling up outside the heap.
 *
 * <p>ND4J frees a tensor's memory when the garbage collector has found it unreachable. Seen from
 * the heap a tensor is small, so that a long capture would fill gigabytes before there is reason to
 * collect. Whoever hands out many tensors says so here; now and then a collection is asked for.
 */
public final class OffHeapBudget {

  /** What may pile up where memory is not bounded. */
  static final long USUAL = 256L << 20;

  private static final int SHARES = 16;

  private long mostBytes = USUAL;
  private boolean countsFreed;
  private long handedOut;

  /** Collects often enough for a bound that another process shares. */
  public static OffHeapBudget within(MemoryBound bound) {
    OffHeapBudget budget = new OffHeapBudget();
    if (bound.isLimited()) {
      budget.limitTo(bound.bytes() / SHARES);
      budget.countsFreed = true;
    }
    return budget;
  }

  /** Collects after so many bytes from now on. */
  void limitTo(long bytes) {
    mostBytes = Math.min(USUAL, bytes);
  }

  /**
   * Says that tensors were handed out. Those that their receiver freed do not count, unless memory
   * is so tight that what handling them left on the heap does.
   */
  public void handOut(Iterable<INDArray> tensors) {
    for (INDArray tensor : tensors) {
      if (countsFreed || !tensor.wasClosed()) {
        handedOut += tensor.length() * tensor.dataType().width();
      }
    }
    if (handedOut > mostBytes) {
      handedOut = 0;
      System.gc();
    }
  }
}
