package org.palimpsest.io.internal.isolation;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.NativeCache;

/** What is told to the other process of a failure in this one. */
final class IsolatedFailure {

  private IsolatedFailure() {}

  static String describe(Throwable failure) {
    if (failure instanceof PalimpsestException clear) {
      return NativeCache.explain(clear);
    }
    if (failure instanceof OutOfMemoryError) {
      return "The network's own process ran out of memory (%s). Choose fewer layers, or give more memory with java -Xmx."
          .formatted(failure.getMessage());
    }
    if (failure instanceof StackOverflowError) {
      return "Something in the file is nested deeper than the stack of the network's own process"
          + " reaches. Check the file where it was made, or give a deeper stack with java"
          + " -Xss.";
    }
    return "Unexpected failure in the network's own process: " + failure;
  }
}
