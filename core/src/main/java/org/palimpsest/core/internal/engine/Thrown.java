package org.palimpsest.core.internal.engine;

import java.util.concurrent.ExecutionException;

/** What work on another thread threw. */
final class Thrown {

  private Thrown() {}

  /** As it was thrown there; errors are thrown at once. */
  static RuntimeException by(ExecutionException failure) {
    if (failure.getCause() instanceof Error error) {
      throw error;
    }
    return failure.getCause() instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("what was asked for throws nothing else", failure);
  }
}
