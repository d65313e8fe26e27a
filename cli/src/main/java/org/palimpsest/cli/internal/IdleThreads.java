package org.palimpsest.cli.internal;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Map;

/**
 * How the native libraries' threads wait for one another.
 *
 * <p>Left alone they spin, which on cores that have something else to do makes everything several
 * times slower. OpenMP and OpenBLAS read their settings from the process's environment when they
 * are loaded, and Java cannot write to that.
 */
public final class IdleThreads {

  /** OpenMP's; and for how long OpenBLAS's wait, in powers of two of the processor's cycles. */
  private static final Map<String, String> SETTINGS =
      Map.of("OMP_WAIT_POLICY", "PASSIVE", "OPENBLAS_THREAD_TIMEOUT", "4");

  private IdleThreads() {}

  /** Lets them sleep, unless the user decided otherwise; before the first tensor is made. */
  public static void letSleep() {
    if (Platform.isWindows() || SETTINGS.keySet().stream().allMatch(System.getenv()::containsKey)) {
      return;
    }
    try {
      setUnlessSet(SETTINGS);
    } catch (LinkageError slowerWithout) {
      System.getLogger(IdleThreads.class.getName())
          .log(System.Logger.Level.DEBUG, "threads will spin", slowerWithout);
    }
  }

  /**
   * Sets variables of this process's environment that the user did not set, for native libraries
   * and programs.
   *
   * @throws LinkageError if the C library has no such function
   */
  public static void setUnlessSet(Map<String, String> variables) {
    Function setenv = Function.getFunction(Platform.C_LIBRARY_NAME, "setenv");
    variables.forEach((name, value) -> setenv.invokeInt(new Object[] {name, value, 0}));
  }
}
