package org.palimpsest.core.internal.engine;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;

/**
 * Threads that prepare layers and compare pairs side by side, one for each core. What such a thread
 * computes keeps to it: to share one pair's work among cores that have pairs of their own leaves
 * them waiting for each other.
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

  /**
   * Does two things side by side, and returns when both are done; what one of them throws is
   * thrown.
   *
   * @throws PalimpsestException if the thread is interrupted
   */
  public static void both(Runnable one, Runnable other) {
    ExecutorService workers = pool(2);
    try {
      List<Future<?>> begun = Stream.of(one, other).<Future<?>>map(workers::submit).toList();
      begun.forEach(Workers::result);
    } finally {
      workers.shutdownNow();
    }
  }

  /**
   * What a thread came to; what it throws is thrown.
   *
   * @throws PalimpsestException if the current thread is interrupted
   */
  static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PalimpsestException("The work was interrupted.", interrupted);
    } catch (ExecutionException failure) {
      throw thrown(failure);
    }
  }

  /** As it was thrown there; errors are thrown at once. */
  private static RuntimeException thrown(ExecutionException failure) {
    if (failure.getCause() instanceof Error error) {
      throw error;
    }
    return failure.getCause() instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("what was asked for throws nothing else", failure);
  }

  /** Whether the current thread is one of several that work side by side. */
  public static boolean isCurrent() {
    return Thread.currentThread() instanceof Worker;
  }
}
