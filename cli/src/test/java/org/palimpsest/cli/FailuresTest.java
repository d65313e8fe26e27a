package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class FailuresTest {

  /** A command that fails in some way. */
  @Command(name = "palimpsest", subcommands = Failing.Work.class)
  static final class Failing {

    private static Callable<Integer> work = () -> 0;

    /** What it does. */
    @Command(name = "work")
    static final class Work implements Callable<Integer> {

      @Mixin private CommonOptions common = new CommonOptions();

      @Override
      public Integer call() throws Exception {
        return work.call();
      }
    }
  }

  private static String lineOf(Callable<Integer> work) {
    Failing.work = work;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(err, false, StandardCharsets.UTF_8);
    int code = CommandRunner.run(new Failing(), new String[] {"work"}, printed, printed);
    assertThat(code).isEqualTo(1);
    String line = err.toString(StandardCharsets.UTF_8).strip();
    assertThat(line).startsWith("palimpsest: ").doesNotContain("\n");
    return line;
  }

  @SuppressWarnings("InfiniteRecursion") // which is what is told of
  private static int deeper(int depth) {
    return depth + deeper(depth + 1);
  }

  private static int outOfMemory() {
    throw new OutOfMemoryError("Java heap space");
  }

  @Test
  void aFullStackIsOneLineWhereverItWasFilled() {
    assertThat(lineOf(() -> deeper(0))).contains("nested deeper", "-Xss");
    assertThat(lineOf(() -> IntStream.range(0, 4).parallel().map(FailuresTest::deeper).sum()))
        .contains("nested deeper");
    assertThat(lineOf(() -> CompletableFuture.supplyAsync(() -> deeper(0)).get()))
        .contains("nested deeper");
  }

  @Test
  void memoryThatIsUsedUpIsOneLineWhereverItWas() {
    assertThat(lineOf(FailuresTest::outOfMemory)).contains("Out of memory", "-Xmx");
    assertThat(lineOf(() -> CompletableFuture.supplyAsync(FailuresTest::outOfMemory).get()))
        .contains("Out of memory", "-Xmx");
    assertThat(
            lineOf(
                () -> {
                  throw new IllegalStateException("a library", new OutOfMemoryError("heap"));
                }))
        .contains("Out of memory");
  }

  @Test
  void memoryOutsideTheHeapIsToldInWordsOfOurOwn() {
    String told =
        lineOf(
            () -> {
              throw new OutOfMemoryError(
                  "Physical memory usage is too high: physicalBytes (3079M) > maxPhysicalBytes (3072M)");
            });

    assertThat(told).contains("Out of memory", "3072 MB").doesNotContain("hysicalBytes");
  }

  @Test
  void anyOtherErrorIsOneLineToo() {
    assertThat(
            lineOf(
                () -> {
                  throw new AssertionError("of a library");
                }))
        .contains("Unexpected failure", "of a library");
  }

  @Test
  void aNameThatNoFileCanHaveIsOneLineWhereverItIsMet() {
    assertThat(lineOf(() -> Path.of("a\0b").getNameCount()))
        .contains("cannot be the name of a file");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(err, false, StandardCharsets.UTF_8);

    assertThat(Palimpsest.run(new String[] {"weights", "a\0b"}, printed, printed)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot be the name of a file");
  }

  private static OutputStream failing(String reason) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(reason);
      }
    };
  }

  @Test
  void standardOutputThatCannotBeWrittenIsAFailureAndAClosedPipeIsNone() {
    String[] measures = {"measures"};
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(err, false, StandardCharsets.UTF_8);

    OutputStream full = failing("No space left on device");
    assertThat(CommandRunner.run(new Palimpsest(), measures, full, printed)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).strip())
        .isEqualTo("palimpsest: standard output cannot be written: No space left on device");

    err.reset();
    OutputStream closed = failing("Broken pipe");
    assertThat(CommandRunner.run(new Palimpsest(), measures, closed, printed)).isZero();
    assertThat(err.size()).isZero();
  }

  @Test
  void whatCannotBeMadeIsToldOfThePlaceWhereItBelongs(@TempDir Path folder) {
    assertMakingFails(
        folder,
        file -> {
          throw new PalimpsestException(file + " would hold nothing.");
        },
        folder.resolve("a.png") + " would hold nothing.");
  }

  @Test
  void aFullDiskOfTemporaryFilesIsToldAsSuch(@TempDir Path folder) {
    IOException full = new IOException("No space left on device");
    List<StagedFiles.Making> ways =
        List.of(
            file -> {
              throw full;
            },
            file -> {
              throw AtomicFile.unwritable(file, full);
            });
    for (StagedFiles.Making way : ways) {
      assertMakingFails(
          folder, way, "temporary folder", "cannot be written to: No space left", "java.io.tmpdir");
    }
  }

  /** Of the files of another result none is replaced, and none appears. */
  @Test
  void filesThatBelongTogetherAppearTogetherOrNotAtAll(@TempDir Path folder) throws IOException {
    Path old = Files.writeString(folder.resolve("a.csv"), "old");
    Files.createDirectory(folder.resolve("c.csv"));
    try (StagedFiles files = new StagedFiles(folder)) {
      for (String name : List.of("a.csv", "b.csv", "c.csv")) {
        files.make(name, file -> Files.writeString(file, "new"));
      }
      assertThatThrownBy(files::move)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("c.csv");
    }
    assertThat(old).hasContent("old");
    try (Stream<Path> there = Files.list(folder)) {
      assertThat(there.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("a.csv", "c.csv");
    }
  }

  private static void assertMakingFails(Path folder, StagedFiles.Making way, String... told) {
    try (StagedFiles files = new StagedFiles(folder)) {
      assertThatThrownBy(() -> files.make("a.png", way))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(told);
    }
  }
}
