package org.palimpsest.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.runs.RunsFolder;

class WholeCheckpointsTest {

  private static final Path MODEL =
      Path.of("../io/src/test/resources/org/palimpsest/io/internal/torchscript/double.pt");

  @TempDir private Path root;
  private Path run;
  private final WholeCheckpoints whole = new WholeCheckpoints();

  @BeforeEach
  void makeRun() throws IOException {
    run = Files.createDirectories(root.resolve("random/seed0"));
  }

  private List<Long> steps() {
    return whole
        .of(RunsFolder.open(root))
        .map(runs -> runs.runs().get(0).checkpoints().stream().map(Checkpoint::step).toList())
        .orElse(List.of());
  }

  @Test
  void aFreshFileIsTakenAtTheSecondLook() throws IOException {
    Files.copy(MODEL, run.resolve("step_0.pt"));

    assertThat(steps()).isEmpty();
    assertThat(steps()).containsExactly(0L);
    assertThat(whole.changes()).isEqualTo(1);
    assertThat(steps()).containsExactly(0L);
    assertThat(whole.changes()).isEqualTo(1);
  }

  @Test
  void aFileThatHasLainThereIsTakenAtOnce() throws IOException {
    Path file = Files.copy(MODEL, run.resolve("step_0.pt"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofMinutes(1))));

    assertThat(steps()).containsExactly(0L);
  }

  @Test
  void aFileThatGrowsOrLacksItsEndIsLeftAlone() throws IOException {
    byte[] content = Files.readAllBytes(MODEL);
    int half = content.length / 2;
    Path file = Files.write(run.resolve("step_0.pt"), Arrays.copyOf(content, half));
    assertThat(steps()).isEmpty();
    assertThat(steps()).isEmpty();
    assertThat(whole.movements()).isEqualTo(1);

    Files.write(file, Arrays.copyOfRange(content, half, content.length), StandardOpenOption.APPEND);

    assertThat(steps()).isEmpty();
    assertThat(steps()).containsExactly(0L);
    assertThat(whole.movements()).isEqualTo(2);
  }

  @Test
  void aFileThatWasWrittenAnewCountsAsAChange() throws IOException {
    Path file = Files.copy(MODEL, run.resolve("step_0.pt"));
    steps();
    steps();
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));

    assertThat(steps()).isEmpty();
    assertThat(steps()).containsExactly(0L);
    assertThat(whole.changes()).isEqualTo(2);
  }
}
