package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssessCommandTest {

  @TempDir private Path folder;

  private void lay() throws IOException {
    for (String arm : new String[] {"transfer", "random"}) {
      for (int seed = 0; seed < 3; seed++) {
        Path run = Files.createDirectories(folder.resolve("runs/" + arm + "/seed" + seed));
        Files.writeString(run.resolve("step_0100.onnx"), "no network");
        double slower = arm.equals("random") ? 2 : 1;
        StringBuilder log = new StringBuilder("[{\"step\": 1, \"dsc\": 0.0}");
        for (int step = 2; step <= 4096; step *= 2) {
          double dice = 0.8 * (1 - Math.exp(-step / (20 + seed) / slower));
          log.append(", {\"step\": %d, \"dsc\": %s}".formatted(step, dice));
        }
        Files.writeString(run.resolve("log.json"), log + "]");
      }
    }
  }

  @Test
  void checkpointsThatCannotBeReadEndInOneLine() throws IOException {
    lay();

    Outcome outcome =
        Outcome.of("assess", folder.resolve("runs").toString(), "-o", folder + "/out");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("no probes").doesNotContain("at org.");
    assertThat(folder.resolve("out/assess.html")).doesNotExist();
  }

  @Test
  void aFolderInThePlaceOfThePageIsToldBeforeAnythingRuns() throws IOException {
    lay();
    Path page = Files.createDirectories(folder.resolve("out/assess.html"));

    Outcome.of("assess", folder.resolve("runs"), "-o", folder.resolve("out"))
        .isOneLine(1, page.toString(), "is a folder");
    assertThat(folder.resolve("out/evolution")).doesNotExist();
  }

  @Test
  void masksWithoutProbesAreWrongUse() throws IOException {
    lay();
    Files.writeString(folder.resolve("m.npy"), "x");

    Outcome outcome =
        Outcome.of(
            "assess",
            folder.resolve("runs").toString(),
            "--masks",
            folder.resolve("m.npy").toString(),
            "-o",
            folder + "/out");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--probes");
  }

  @Test
  void whatIsReadIsNotReplaced() throws IOException {
    lay();
    Path masks = Files.createDirectories(folder.resolve("out")).resolve("assess.json");
    Files.writeString(masks, "x");

    Outcome outcome =
        Outcome.of(
            "assess",
            folder.resolve("runs").toString(),
            "--masks",
            masks.toString(),
            "-o",
            folder.resolve("out").toString());

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("would be replaced");
    assertThat(masks).hasContent("x");
  }
}
