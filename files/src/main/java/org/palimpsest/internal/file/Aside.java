package org.palimpsest.internal.file;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Work that a thread of its own does beside this one. */
public final class Aside<T> {

  private final CompletableFuture<T> future;

  private Aside(CompletableFuture<T> future) {
    this.future = future;
  }

  /**
   * @param name of the thread, which keeps no program alive
   */
  public static <T> Aside<T> begin(String name, Supplier<T> work) {
    return new Aside<>(
        CompletableFuture.supplyAsync(
            work,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              thread.start();
            }));
  }

  /** Waits for the result; what the work threw is thrown here. */
  public T result() {
    try {
      return future.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException known) {
        throw known;
      }
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw failure;
    }
  }

  /** Waits for the end, and disposes of the result if there is one. */
  public void abandon(Consumer<T> disposal) {
    future
        .handle(
            (result, failure) -> {
              if (result != null) {
                disposal.accept(result);
              }
              return failure;
            })
        .join();
  }
}
