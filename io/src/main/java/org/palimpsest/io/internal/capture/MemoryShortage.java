package org.palimpsest.io.internal.capture;

import java.util.regex.Pattern;

/** Tells that a runtime got no more memory, which each says in words of its own. */
public final class MemoryShortage {

  private static final Pattern WORDS =
      Pattern.compile(
          "bad_?alloc|can't allocate memory|Cannot allocate (?:new|memory)|Failed to allocate memory"
              + "|Physical memory usage is too high",
          Pattern.CASE_INSENSITIVE);

  private static final int DEEPEST = 20;

  private MemoryShortage() {}

  /** Whether a failure, or what caused it, is that memory was used up. */
  public static boolean causes(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof OutOfMemoryError
          || WORDS.matcher(String.valueOf(cause.getMessage())).find()) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
