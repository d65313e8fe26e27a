package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that goes on while it is watched. */
class FollowTest {

  private static final int PIECES = 6;
  private static final int MILLIS_BETWEEN_PIECES = 150;

  @TempDir private Path temporary;

  @Test
  void filesAreTakenWhenTheyAreWholeAndTheEndIsReached() throws Exception {
    Path run = Files.createDirectories(temporary.resolve("runs/random/seed0"));
    Files.copy(SampleFiles.PROBES, temporary.resolve("runs/probes.npy"));
    CompletableFuture<Void> training =
        CompletableFuture.runAsync(
            () -> {
              writeInPieces(SampleFiles.MODEL_A, run.resolve("step_0000.pt"));
              writeInPieces(SampleFiles.MODEL_B, run.resolve("step_0010.pt"));
            });

    Outcome outcome = follow("--until-step", 10);

    training.get(1, TimeUnit.MINUTES);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("2 checkpoints of 1 runs; tables and report are up to date");
    assertThat(Files.readString(temporary.resolve("out/evolution.csv")))
        .contains("to_start,random/seed0,10,enc,random/seed0,0,enc,linear_cka,");
    assertThat(Files.readString(temporary.resolve("out/checkpoints.csv")))
        .doesNotContain("truncated");
  }

  @Test
  void whatNeverBecomesWholeIsReportedWhenNothingChangesAnyMore() throws IOException {
    Path run = Files.createDirectories(temporary.resolve("runs/random/seed0"));
    Files.copy(SampleFiles.PROBES, temporary.resolve("runs/probes.npy"));
    Files.copy(SampleFiles.MODEL_A, run.resolve("step_0000.pt"));
    SampleFiles.truncated(run.resolve("step_0010.pt"), SampleFiles.MODEL_B);

    Outcome outcome = follow("--idle", 2);

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("1 checkpoints of 1 runs", "warning: random/seed0, step 10: ")
        .contains("1 of 2 checkpoints could not be used")
        .doesNotContain("2 checkpoints of 1 runs");
  }

  @Test
  void nothingAtAllIsAnErrorWhenPatienceEnds() throws IOException {
    Files.createDirectories(temporary.resolve("runs"));

    Outcome outcome = follow("--idle", 1);

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("no whole checkpoint came within 1 s");
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  private Outcome follow(Object option, Object value) {
    return Outcome.of(
        "track",
        temporary.resolve("runs"),
        "-o",
        temporary.resolve("out"),
        "--in-process",
        "--weights",
        "none",
        "--follow",
        option,
        value);
  }

  private static void writeInPieces(Path from, Path to) {
    try (OutputStream out = Files.newOutputStream(to)) {
      byte[] content = Files.readAllBytes(from);
      for (int piece = 0; piece < PIECES; piece++) {
        int begin = content.length * piece / PIECES;
        out.write(content, begin, content.length * (piece + 1) / PIECES - begin);
        out.flush();
        Thread.sleep(MILLIS_BETWEEN_PIECES);
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
