package org.palimpsest.similarity.internal.linalg;

import java.util.concurrent.CompletableFuture;

/**
 * When a task that is computed beside others may add what it computed: after all tasks before it,
 * so that sums do not depend on the number of cores. Tasks are begun in their order, so that the
 * one waited for is done or under way.
 */
final class Turn {

  private final CompletableFuture<Void> before;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  private Turn(CompletableFuture<Void> before) {
    this.before = before;
  }

  static Turn first() {
    return new Turn(CompletableFuture.completedFuture(null));
  }

  /** That of the task after this one's. */
  Turn next() {
    return new Turn(done);
  }

  void await() {
    before.join();
  }

  /** To be called in the end, whether the task failed or not. */
  void pass() {
    done.complete(null);
  }
}
