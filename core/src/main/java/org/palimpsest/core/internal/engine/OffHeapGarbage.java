package org.palimpsest.core.internal.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps tensors that nobody holds any more from piling up.
 *
 * <p>Their numbers lie outside the heap and are freed when the collector has found them
 * unreachable, for which the heap, where they are small, gives it no reason. Whoever lets go of
 * many says so here; now and then a collection is asked for. Safe to use from several threads.
 */
public final class OffHeapGarbage {

  /** Of the memory that may be used, what may lie about unused before the collector is called. */
  private static final int SHARE = 8;

  /** Less would have the collector called for every layer. */
  private static final long LEAST = 32L << 20;

  /** More would be memory that others could use. */
  private static final long MOST = 256L << 20;

  private final long most;
  private final AtomicLong left = new AtomicLong();

  private OffHeapGarbage(long most) {
    this.most = most;
  }

  /**
   * The collector is called when an eighth of this has piled up, but not for less than 32 MiB, and
   * for 256 MiB in any case.
   *
   * @param memory how many bytes all that is held may take
   */
  public static OffHeapGarbage within(long memory) {
    return new OffHeapGarbage(Math.min(MOST, Math.max(LEAST, memory / SHARE)));
  }

  /** Says that so many bytes are no longer held. */
  public void leave(long bytes) {
    if (left.addAndGet(bytes) > most) {
      left.set(0);
      System.gc();
    }
  }
}
