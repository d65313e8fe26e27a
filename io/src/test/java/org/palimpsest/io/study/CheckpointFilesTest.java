package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Checkpoint;

class CheckpointFilesTest {

  @TempDir private Path folder;
  private final CheckpointFiles files = new CheckpointFiles();
  private Path file;
  private Checkpoint checkpoint;
  private String hash;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("step_0.pt"), "content");
    checkpoint = new Checkpoint(0, file.toString(), OptionalDouble.empty());
    hash = files.contentHash(checkpoint);
  }

  @Test
  void aCheckpointThatStaysIsUnchanged() {
    files.requireUnchanged(checkpoint, hash);
    new CheckpointFiles().requireUnchanged(checkpoint, hash);
  }

  @Test
  void aCheckpointThatWasAnotherForAWhileIsChanged() throws IOException {
    Files.writeString(file, "CONTENT");
    Files.writeString(file, "content");

    assertThatThrownBy(() -> files.requireUnchanged(checkpoint, hash))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("step_0.pt changed while it was read");
  }

  @Test
  void aCheckpointOfAnotherHashIsChanged() throws IOException {
    Files.writeString(file, "another");

    assertThatThrownBy(() -> files.requireUnchanged(checkpoint, hash))
        .hasMessageContaining("changed while it was read");
    assertThatThrownBy(() -> new CheckpointFiles().requireUnchanged(checkpoint, hash))
        .hasMessageContaining("changed while it was read");
  }
}
