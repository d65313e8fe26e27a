package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {

  private static final ProcessStamp OWN = ProcessStamp.own();

  /** A number that no process of any system has. */
  private static final ProcessStamp ENDED = new ProcessStamp(1L << 33, 1, OWN.realm());

  /** As this process, but of another time: the number was given anew. */
  private static final ProcessStamp EARLIER =
      new ProcessStamp(OWN.process(), OWN.start() - 1, OWN.realm());

  private static final ProcessStamp ELSEWHERE = new ProcessStamp(1L << 33, 1, OWN.realm() + 1);

  @TempDir private Path folder;

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path file(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "left");
  }

  @Test
  void whatAKilledProcessLeftIsRemovedByTheNextOneThatWritesThere() throws IOException {
    file(".a.npz." + ENDED + ".0f.tmp");
    file(".a.npz." + EARLIER + ".0f.tmp");
    Path spool = Files.createDirectory(folder.resolve(".a.npz." + ENDED + ".0f.tmp.layers"));
    Files.writeString(spool.resolve("0.npy"), "left");

    AtomicFile.write(folder.resolve("b.txt"), "whole");
    assertThat(namesIn(folder)).containsExactly("b.txt");
  }

  @Test
  void whatMayBelongToALivingProcessOrIsNotOursStays() throws IOException {
    List<String> others =
        List.of(
            ".a.npz." + OWN + ".0f.tmp",
            ".a.npz." + ELSEWHERE + ".0f.tmp",
            ".a.npz.0f.tmp",
            ".a.npz." + ENDED + ".0f.tmp.bak",
            "a.npz." + ENDED + ".0f.tmp",
            ".a.npz.zzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzz-0.0f.tmp");
    for (String name : others) {
      file(name);
    }
    AtomicFile.write(folder.resolve("b.txt"), "whole");
    assertThat(namesIn(folder))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(others.stream(), Stream.of("b.txt")).toList());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkGoesAndWhatItPointsToStays() throws IOException {
    Path victim = Files.createDirectory(folder.resolve("victim"));
    Files.writeString(victim.resolve("0.npy"), "dear");
    Files.createSymbolicLink(folder.resolve(".a." + ENDED + ".0f.tmp.layers"), victim);
    Path inner = Files.createDirectory(folder.resolve(".b." + ENDED + ".0f.tmp.layers"));
    Files.createSymbolicLink(inner.resolve("1.npy"), victim);

    AtomicFile.write(folder.resolve("b.txt"), "whole");
    assertThat(namesIn(folder)).containsExactly("b.txt", "victim");
    assertThat(namesIn(victim)).containsExactly("0.npy");
  }

  @Test
  void temporaryFoldersOfKilledProcessesGoWhenTheNextOneIsMade() throws IOException {
    Path ended = Files.createDirectories(folder.resolve("palimpsest-" + ENDED + "-1a/deep/er"));
    Path living = Files.createDirectory(folder.resolve("palimpsest-" + OWN + "-1a"));
    String usual = System.setProperty("java.io.tmpdir", folder.toString());
    try (TemporaryFolder made = TemporaryFolder.create()) {
      assertThat(ended).doesNotExist();
      assertThat(living).exists();
      Files.createDirectories(made.path().resolve("with/more"));
    } finally {
      System.setProperty("java.io.tmpdir", usual);
    }
    assertThat(namesIn(folder)).containsExactly(living.getFileName().toString());
  }

  @Test
  void aNameOfLongLettersHasRoomForTheStamp() throws IOException {
    String name = "\u8c61".repeat(80) + ".txt";
    AtomicFile.write(folder.resolve(name), "whole");
    assertThat(namesIn(folder)).containsExactly(name);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // where a process cannot be asked to end, only killed
  void aProcessThatIsToldToEndLeavesNothing() throws Exception {
    Process writer = writer();
    assertThat(namesIn(folder)).hasSize(3);
    writer.destroy();
    assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(namesIn(folder)).isEmpty();
  }

  @Test
  void whatAKilledProcessReallyLeavesIsKnownAgain() throws Exception {
    Process writer = writer();
    writer.destroyForcibly();
    assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(namesIn(folder)).hasSize(3);
    AtomicFile.write(folder.resolve("b.txt"), "whole");
    assertThat(namesIn(folder)).containsExactly("b.txt", "new");
  }

  private Process writer() throws IOException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                HalfWrittenFiles.class.getName(),
                folder.toString())
            .start();
    assertThat(writer.inputReader().readLine()).isEqualTo("ready");
    return writer;
  }

  /** A process that has begun to write, and does not come to an end. */
  static final class HalfWrittenFiles {

    private HalfWrittenFiles() {}

    @SuppressWarnings("MustBeClosedChecker")
    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      AtomicFile file = AtomicFile.create(folder.resolve("a.npz"));
      Path spool =
          TemporaryFolder.at(file.temporary().resolveSibling(file.temporary() + ".layers")).path();
      Files.writeString(spool.resolve("0.npy"), "half");
      AtomicFile inNewFolder = AtomicFile.create(folder.resolve("new/folder/c.npz"));
      System.out.println(inNewFolder.temporary().toFile().exists() ? "ready" : "not written");
      Thread.sleep(TimeUnit.MINUTES.toMillis(5));
    }
  }
}
