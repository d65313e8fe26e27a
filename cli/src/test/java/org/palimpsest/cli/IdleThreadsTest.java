package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.palimpsest.cli.internal.IdleThreads;

/** Settings that native libraries read from the environment of the process. */
@DisabledOnOs(OS.WINDOWS)
class IdleThreadsTest {

  private static String ofProcess(String name) {
    return Function.getFunction(Platform.C_LIBRARY_NAME, "getenv")
        .invokeString(new Object[] {name}, false);
  }

  @Test
  void whatTheUserDidNotSetIsSet() {
    IdleThreads.setUnlessSet(Map.of("PALIMPSEST_IDLE_TEST", "4"));
    IdleThreads.setUnlessSet(Map.of("PALIMPSEST_IDLE_TEST", "5"));

    assertThat(ofProcess("PALIMPSEST_IDLE_TEST")).isEqualTo("4");
  }

  @Test
  void whatTheUserSetStays() {
    String path = ofProcess("PATH");
    IdleThreads.setUnlessSet(Map.of("PATH", "nowhere"));

    assertThat(ofProcess("PATH")).isEqualTo(path);
  }

  @Test
  void threadsOfNativeLibrariesSleep() {
    IdleThreads.letSleep();

    assertThat(ofProcess("OMP_WAIT_POLICY")).isNotBlank();
    assertThat(ofProcess("OPENBLAS_THREAD_TIMEOUT")).isNotBlank();
  }
}
