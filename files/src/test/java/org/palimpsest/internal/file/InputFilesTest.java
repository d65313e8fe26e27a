package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

/** What is said of files that are not there to be read, and of reading that failed. */
class InputFilesTest {

  @TempDir private Path folder;

  private static void requireRefusal(Runnable reading, String... told) {
    assertThatThrownBy(reading::run)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(told);
  }

  @Test
  void aFileThatCanBeReadIsGivenBack() throws IOException {
    Path file = Files.writeString(folder.resolve("a.npy"), "content");
    assertThat(InputFiles.require(file)).isSameAs(file);
    assertThat(InputFiles.size(file)).isEqualTo(7);
  }

  @Test
  void whatIsNotThereOrNoFileIsSaid() throws IOException {
    Path missing = folder.resolve("missing.npy");
    requireRefusal(() -> InputFiles.require(missing), missing + " does not exist.");
    requireRefusal(() -> InputFiles.size(missing), missing + " cannot be read", "no such file");
    requireRefusal(() -> InputFiles.require(folder), folder + " is a folder; a file is needed");
    requireRefusal(
        () -> InputFiles.require(folder.resolve("caf\ufffd.npy")),
        "set LC_ALL=C.UTF-8",
        "rename it if that is set");
    Path empty = Files.createFile(folder.resolve("empty.npy"));
    requireRefusal(() -> InputFiles.require(empty), empty + " is empty");
    Path toNothing = Files.createSymbolicLink(folder.resolve("link"), missing);
    requireRefusal(
        () -> InputFiles.require(toNothing),
        toNothing + " is a link that leads to no file",
        "points to " + missing);
    Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
    requireRefusal(() -> InputFiles.require(circle), circle + " is a link that leads to no file");
    Path device = Path.of("/dev/null");
    if (Files.exists(device)) {
      requireRefusal(() -> InputFiles.require(device), "is not a regular file");
    }
  }

  @Test
  void whatStandsInThePlaceOfAFileIsCalledByItsName() throws IOException {
    Path pointer =
        Files.writeString(
            folder.resolve("model.pt"),
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    requireRefusal(() -> InputFiles.require(pointer), "model.pt is a Git LFS pointer", "lfs pull");
    for (String start :
        List.of(
            "<!DOCTYPE html>",
            "\ufeff <html lang=en>",
            "<?xml version='1.0'?>\n<!-- x --><HEAD>")) {
      Path page = Files.writeString(folder.resolve("page.npy"), start + "\nNot found");
      requireRefusal(() -> InputFiles.require(page), "page.npy is an HTML page", "download");
    }
    InputFiles.require(Files.writeString(folder.resolve("net.xml"), "<!-- net --><htmlish/>"));
  }

  @Test
  void aNameIsTheFilesOwnAndLosesOnlyTheEndingThatItHas() {
    assertThat(InputFiles.name(Path.of("a/b.npy"))).isEqualTo("b.npy");
    assertThat(InputFiles.name(Path.of("/"))).isEqualTo("/");
    assertThat(InputFiles.nameWithout(".npy", Path.of("a/b.npy"))).isEqualTo("b");
    assertThat(InputFiles.nameWithout(".npy", Path.of("a/b.pt"))).isEqualTo("b.pt");
    assertThat(InputFiles.nameWithout(".npy", Path.of("a/.npy"))).isEqualTo(".npy");
  }

  @Test
  void contentThatAsksForMoreThanThereIsBecomesOneException() {
    Path file = Path.of("deep.json");
    assertThat(InputFiles.bounded(file, () -> "read")).isEqualTo("read");
    requireRefusal(
        () ->
            InputFiles.bounded(
                file,
                () -> {
                  throw new StackOverflowError();
                }),
        "deep.json nests its content too deeply");
    requireRefusal(
        () ->
            InputFiles.bounded(
                file,
                () -> {
                  throw new OutOfMemoryError();
                }),
        "deep.json takes more than the ",
        "-Xmx");
  }

  @Test
  void failuresOfReadingAreToldWithoutTheNamesOfClasses() {
    Map<IOException, String> told =
        Map.of(
            new EOFException(), "a.npy ends too early: it is truncated. Copy or write it again.",
            new MalformedInputException(1), "a.npy is no text in UTF-8.",
            new ZipException("invalid block"), "a.npy cannot be read: invalid block. It is damaged",
            new NoSuchFileException("a.npy"), "a.npy cannot be read: there is no such file",
            new AccessDeniedException("a.npy"), "a.npy cannot be read: access is denied",
            new FileAlreadyExistsException("a.npy"), "it is there already, and not a folder",
            new NotDirectoryException("a.npy"), "a.npy cannot be read: it is no folder",
            new FileSystemException("a.npy", null, "Stale file handle"), ": Stale file handle",
            new DirectoryNotEmptyException("a.npy"), ": the system does not say why",
            new IOException((String) null), ": the system does not say why");
    List<String> messages = new ArrayList<>();
    told.forEach(
        (failure, words) -> {
          PalimpsestException thrown = InputFiles.unreadable(Path.of("a.npy"), failure);
          assertThat(thrown).hasMessageContaining(words).hasCause(failure);
          messages.add(thrown.getMessage());
        });
    assertThat(messages).noneMatch(message -> message.contains("Exception"));
  }

  @Test
  void aDiskThatIsFullIsNotTakenForTheFileThatIsRead() {
    Path file = folder.resolve("a.h5");
    requireRefusal(
        () -> {
          throw InputFiles.unreadable(file, new IOException("No space left on device"));
        },
        file + " was not read",
        System.getProperty("java.io.tmpdir"),
        "Make room there");
  }

  @Test
  void whatMayNotBeWrittenIsNamedAndNotItsTemporaryName() {
    Path target = folder.resolve("a.npz");
    try (AtomicFile file = AtomicFile.create(target)) {
      String hidden = file.temporary().toString();
      assertThat(AtomicFile.unwritable(target, new AccessDeniedException(hidden)))
          .hasMessage("%s cannot be written: this user may not write to %s", target, folder);
      assertThat(AtomicFile.unwritable(target, new AccessDeniedException("/x/y")))
          .hasMessageEndingWith("this user may not write to /x/y");
    }
  }
}
