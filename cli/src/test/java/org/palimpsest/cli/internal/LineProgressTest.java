package org.palimpsest.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.progress.Progress;

class LineProgressTest {

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Progress progress =
      new TerminalProgress.LineProgress(
          new PrintStream(out, true, StandardCharsets.UTF_8), Duration.ofDays(1));

  @Test
  void whatWillTakeLongSaysSoOnceItsFirstStepsAreDone() throws InterruptedException {
    try (Progress.Task task = progress.begin("intervals", 1_000_000_000L)) {
      Thread.sleep(10);
      task.advance(CORES - 1);
      assertThat(told()).isEmpty();
      task.advance(1);
      task.advance(1);
    }
    assertThat(told())
        .matches("intervals: " + CORES + " of 1000000000 after \\d+ s, about \\d+ min left\\R");
  }

  @Test
  void whatIsKnownToTakeMinutesSaysSoBeforeItsFirstStep() {
    try (Progress.Task task = progress.begin("intervals", 6, Duration.ofSeconds(150))) {
      assertThat(told()).isEqualToNormalizingNewlines("intervals: will take about 2 min\n");
      task.advance(6);
    }
  }

  @Test
  void whatIsKnownToTakeSecondsSaysNothing() {
    progress.begin("intervals", 6, Duration.ofSeconds(59)).close();
    assertThat(told()).isEmpty();
  }

  @Test
  void whatIsSoonDoneSaysNothing() {
    try (Progress.Task task = progress.begin("intervals", 2L * CORES)) {
      for (int i = 0; i < 2 * CORES; i++) {
        task.advance(1);
      }
    }
    assertThat(told()).isEmpty();
  }

  private String told() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
