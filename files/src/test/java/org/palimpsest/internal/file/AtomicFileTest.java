package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

class AtomicFileTest {

  @TempDir Path folder;

  private long entries() throws IOException {
    try (var files = Files.walk(folder)) {
      return files.count() - 1;
    }
  }

  @Test
  void aWholeFileIsThereWithItsFolders() throws IOException {
    Path file = folder.resolve("a/b/c.txt");
    AtomicFile.write(file, "whole");
    assertThat(file).hasContent("whole");
    assertThat(entries()).isEqualTo(3);
  }

  @Test
  void manyThreadsMayMakeOneFolder() throws IOException {
    for (int trial = 0; trial < 200; trial++) {
      Path place = folder.resolve("new" + trial + "/folder");
      IntStream.range(0, 8)
          .parallel()
          .forEach(i -> AtomicFile.write(place.resolve(i + ".txt"), "whole"));
    }
    assertThat(entries()).isEqualTo(200 * 10);
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("c.txt");
    AtomicFile.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write('n');
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageEndingWith("c.txt cannot be written: No space left on device");
    assertThat(file).hasContent("old");
    assertThat(entries()).isEqualTo(1);
  }

  @Test
  void aFailureRemovesTheFoldersItMade() throws IOException {
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    folder.resolve("x/y/z.txt"),
                    out -> {
                      throw new IllegalStateException("stop");
                    }))
        .hasMessage("stop");
    assertThat(entries()).isZero();
  }

  /** The temporary name begins as the file's does, which must not be cut within a letter. */
  @Test
  void namesOfAnyLettersAndLengthsAreWritten() {
    assumeTrue(Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode('é'));
    for (int before = 36; before < 44; before++) {
      Path file = folder.resolve("a".repeat(before) + "\ud83d\ude00\ud83d\ude00.csv");
      AtomicFile.write(file, "whole");
      assertThat(file).hasContent("whole");
    }
    Path long4 = folder.resolve("\ud83d\ude00".repeat(60) + ".csv"); // 244 bytes of 255
    AtomicFile.write(long4, "whole");
    assertThat(long4).hasContent("whole");
  }

  @Test
  void whatIsInTheWayAtTheEndLeavesNothing() throws IOException {
    Path file = folder.resolve("c.txt");
    try (AtomicFile writing = AtomicFile.create(file)) {
      Files.createDirectories(file.resolve("inner"));
      assertThatThrownBy(writing::commit)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("c.txt cannot be written: ");
    }
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void aNameThatIsEmptyIsSaid() {
    assertThatThrownBy(() -> AtomicFile.write(Path.of(""), "text"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("The name of the file to write to is empty; give one.");
  }

  @Test
  void aFileWhereAFolderIsNeededIsSaid() {
    Path file = folder.resolve("plain");
    AtomicFile.write(file, "text");
    assertThatThrownBy(() -> AtomicFile.write(file.resolve("out.csv"), "text"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("plain is a file, not a folder");
    assertThatThrownBy(() -> AtomicFile.write(folder, "text")).hasMessageContaining("is a folder");
  }

  @Test
  void aLinkIsReplacedAndNotTheFileToWhichItPoints() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    AtomicFile.write(link, "new");
    assertThat(link).isRegularFile().hasContent("new");
    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(file).hasContent("old");
    Path toNothing = Files.createSymbolicLink(folder.resolve("nothing"), folder.resolve("gone"));
    AtomicFile.write(toNothing, "new");
    assertThat(toNothing).isRegularFile().hasContent("new");
    assertThat(folder.resolve("gone")).doesNotExist();
  }

  /** Who runs as root in a container would replace /dev/stdout for all programs of the machine. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aLinkToAStreamIsNotReplaced() throws IOException {
    Path file = Files.createFile(folder.resolve("redirected"));
    try (FileInputStream open = new FileInputStream(file.toFile())) {
      Path stream;
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
        stream = descriptors.filter(one -> leadsTo(one, file)).findFirst().orElseThrow();
      }
      Path link = Files.createSymbolicLink(folder.resolve("link"), stream);
      Path linkToLink = Files.createSymbolicLink(folder.resolve("further"), link.getFileName());

      for (Path target : List.of(link, linkToLink)) {
        assertThatThrownBy(() -> AtomicFile.write(target, "new"))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContaining(target + " stands for a stream");
        assertThat(target).isSymbolicLink();
      }
      assertThat(open.available()).isZero();
    }
  }

  private static boolean leadsTo(Path link, Path file) {
    try {
      return Files.isSameFile(link, file);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  @Test
  void theHashIsTheOneOfTheStandard() {
    Path file = folder.resolve("abc");
    AtomicFile.write(file, "abc"); // FIPS 180-2, example B.1
    assertThat(Sha256.of(file))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
