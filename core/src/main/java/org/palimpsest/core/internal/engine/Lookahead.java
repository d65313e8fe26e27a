package org.palimpsest.core.internal.engine;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Makes the next of several things while the last is worked on, on a thread of its own. For one
 * thread.
 *
 * @param <T> what is made
 */
public final class Lookahead<T> implements AutoCloseable {

  private static final int SECONDS_TO_END = 5;

  private final ExecutorService thread;
  private @Nullable Future<T> next;

  /**
   * @param name of the thread
   */
  public Lookahead(String name) {
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, name);
              made.setDaemon(true);
              return made;
            });
  }

  /** Begins to make the next, which {@link #takeOr} will give. */
  public void begin(Supplier<T> make) {
    next = thread.submit(make::get);
  }

  /**
   * The one that was begun, when it is made; otherwise one that is made now.
   *
   * @throws PalimpsestException if the thread is interrupted; what making it throws is thrown
   */
  public T takeOr(Supplier<T> make) {
    Future<T> begun = next;
    if (begun == null) {
      return make.get();
    }
    next = null;
    return Workers.result(begun);
  }

  /** Waits for what was begun, if anything, and disposes of it. */
  public void abandon(Consumer<T> disposal) {
    Future<T> begun = next;
    next = null;
    if (begun != null) {
      try {
        disposal.accept(begun.get());
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException notMade) {
        // then there is nothing to dispose of
      }
    }
  }

  /** Interrupts what was begun and waits a little for its end. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
