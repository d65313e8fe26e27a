package org.palimpsest.core.internal.engine;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads that compare pairs side by side, one for each core. What such a thread computes keeps to
 * it: to share one pair's work among cores that have pairs of their own leaves them waiting for
 * each other.
 */
public final class Workers {

  private Workers() {}

  private static final class Worker extends Thread {

    Worker(Runnable work) {
      super(work, "comparison");
      setDaemon(true);
    }
  }

  /**
   * As many threads, which end when the pool is shut down.
   *
   * @param threads at least 1; a single one has all cores for what it computes
   */
  static ExecutorService pool(int threads) {
    return Executors.newFixedThreadPool(
        threads, work -> threads > 1 ? new Worker(work) : single(work));
  }

  private static Thread single(Runnable work) {
    Thread thread = new Thread(work, "comparison");
    thread.setDaemon(true);
    return thread;
  }

  /** Whether the current thread is one of several that compare pairs. */
  public static boolean isCurrent() {
    return Thread.currentThread() instanceof Worker;
  }
}
