package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

class UnchangedFileTest {

  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("file"), "content");
    Files.setLastModifiedTime(file, LONG_AGO);
  }

  private static void requireChangeIsNoticed(UnchangedFile watched) {
    assertThatThrownBy(watched::require)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("file changed while it was read");
    assertThatThrownBy(watched::sha256).hasMessageContaining("changed while it was read");
    assertThatThrownBy(watched::requireSameContent).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void aFileThatStaysHasOneHash() {
    UnchangedFile watched = UnchangedFile.since(file);

    watched.require();
    watched.requireSameContent();

    assertThat(watched.sha256()).isEqualTo(Sha256.of("content".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aFileThatIsOverwrittenAtOnceWithAsManyBytesAndTheOldTimeIsNoticed() throws IOException {
    UnchangedFile watched = UnchangedFile.since(file);
    Files.writeString(file, "CONTENT");
    Files.setLastModifiedTime(file, LONG_AGO);

    requireChangeIsNoticed(watched);
  }

  @Test
  void changesOfALargeFileThatWasJustMadeAreNoticed() throws IOException {
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 30);
      UnchangedFile watched = UnchangedFile.since(file);
      watched.require();
      large.write(1);
      assertThatThrownBy(watched::require).hasMessageContaining("changed while it was read");
    }
  }

  @Test
  void aFileInWhosePlaceAnotherWasMovedIsNoticed() throws IOException {
    UnchangedFile watched = UnchangedFile.since(file);
    Path other = Files.writeString(folder.resolve("other"), "CONTENT");
    Files.setLastModifiedTime(other, LONG_AGO);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

    requireChangeIsNoticed(watched);
  }

  @Test
  void aFileThatGrewIsNoticed() throws IOException {
    UnchangedFile watched = UnchangedFile.since(file);
    Files.writeString(file, "content and more");

    requireChangeIsNoticed(watched);
  }

  @Test
  void aFileThatIsGoneIsAnError() throws IOException {
    UnchangedFile watched = UnchangedFile.since(file);
    Files.delete(file);

    assertThatThrownBy(watched::require).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> UnchangedFile.since(file)).hasMessageContaining("does not exist");
  }
}
