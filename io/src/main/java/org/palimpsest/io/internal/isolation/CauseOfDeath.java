package org.palimpsest.io.internal.isolation;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts into words how a process ended. */
final class CauseOfDeath {

  private static final int FIRST_SIGNAL = 128;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL, an instruction that this processor does not have",
          6, "SIGABRT, the runtime gave up",
          7, "SIGBUS, memory that is not there",
          8, "SIGFPE, a division by zero",
          9, "SIGKILL, from outside; most often the system, for want of memory",
          11, "SIGSEGV, memory that is not its own, or a stack that is full",
          15, "SIGTERM, from outside");
  private static final Pattern LAST_WORDS = Pattern.compile("what\\(\\): +(.+)");

  private CauseOfDeath() {}

  /**
   * @param exitCode above 128 if a signal ended it
   * @param printed its last lines
   */
  static String describe(int exitCode, String printed) {
    int signal = exitCode - FIRST_SIGNAL;
    String known = SIGNALS.get(signal);
    String how =
        signal > 0
            ? "signal " + signal + (known == null ? "" : " (" + known + ")")
            : "exit code " + exitCode;
    Matcher words = LAST_WORDS.matcher(printed);
    return words.find() ? how + ", saying: " + words.group(1).strip() : how;
  }
}
