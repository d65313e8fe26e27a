package org.palimpsest.cli;

import com.sun.jna.Function;
import com.sun.jna.Platform;

/**
 * How the native libraries' threads wait for one another.
 *
 * <p>Left alone they spin, which on cores that have something else to do makes everything several
 * times slower. OpenMP reads its settings from the process's environment when it is loaded, and
 * Java cannot write to that.
 */
public final class IdleThreads {

  private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

  private IdleThreads() {}

  /** Lets them sleep, unless the user decided otherwise; before the first tensor is made. */
  public static void letSleep() {
    if (Platform.isWindows() || System.getenv(WAIT_POLICY) != null) {
      return;
    }
    try {
      Function setenv = Function.getFunction(Platform.C_LIBRARY_NAME, "setenv");
      setenv.invokeInt(new Object[] {WAIT_POLICY, "PASSIVE", 0});
    } catch (LinkageError slowerWithout) {
      System.getLogger(IdleThreads.class.getName())
          .log(System.Logger.Level.DEBUG, "threads will spin", slowerWithout);
    }
  }
}
