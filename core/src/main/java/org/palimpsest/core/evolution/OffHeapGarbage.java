package org.palimpsest.core.evolution;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps tensors that nobody holds any more from piling up.
 *
 * <p>Their numbers lie outside the heap and are freed when the collector has found them
 * unreachable, for which the heap, where they are small, gives it no reason. Whoever lets go of
 * many says so here; now and then a collection is asked for.
 */
final class OffHeapGarbage {

  private final long most;
  private final AtomicLong left = new AtomicLong();

  /**
   * @param most how many bytes may pile up
   */
  OffHeapGarbage(long most) {
    this.most = most;
  }

  /** Says that so many bytes are no longer held. */
  void leave(long bytes) {
    if (left.addAndGet(bytes) > most) {
      left.set(0);
      System.gc();
    }
  }
}
