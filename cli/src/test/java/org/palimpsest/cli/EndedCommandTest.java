package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.npy.NpyFile;

/** Commands as processes, and what is left of them. */
@DisabledOnOs(OS.WINDOWS) // where a process cannot be asked to end, only killed
class EndedCommandTest {

  private static final Path RESOURCES = Path.of("..", "io/src/test/resources");
  private static final Path ENDLESS =
      RESOURCES.resolve("org/palimpsest/io/internal/isolation/endless.pt");
  private static final Path ONNX = RESOURCES.resolve("onnx/unet.onnx");

  @TempDir private Path folder;
  private Path temporary;
  private Path out;
  private Path probes;

  @BeforeEach
  void makeFolders() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    out = Files.createDirectory(folder.resolve("out"));
    probes = folder.resolve("probes.npy");
    NpyFile.write(probes, SampleFiles.numbers(1, 2, 1, 8, 8));
  }

  private Process capture(Path model, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-XX:TieredStopAtLevel=1", // which starts sooner
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Palimpsest.class.getName(),
                "capture",
                model.toString(),
                "--probes",
                probes.toString(),
                "-o",
                out.resolve("out.npz").toString()));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String printedBy(Process command) throws Exception {
    String printed =
        new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(command.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return printed;
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> inOut = Files.list(out);
        Stream<Path> inTemporary = Files.list(temporary)) {
      return Stream.concat(inOut, inTemporary).toList();
    }
  }

  /** Waits until layers could be written, and gives the process in which the network runs. */
  private ProcessHandle networkOf(Process command) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (left().stream().noneMatch(path -> path.toString().endsWith(".layers"))) {
      assertThat(command.isAlive() && System.nanoTime() < end).as("under way").isTrue();
      Thread.sleep(50);
    }
    return command.children().findFirst().orElseThrow();
  }

  @Test
  void aCommandThatIsToldToEndLeavesNoFileAndNoProcessAndSaysNothing() throws Exception {
    Process command = capture(ENDLESS);
    ProcessHandle network = networkOf(command);
    command.toHandle().destroy();
    assertThat(printedBy(command)).isEmpty();
    network.onExit().get(1, TimeUnit.MINUTES);
    assertThat(left()).isEmpty();
  }

  @Test
  void theNetworkOfAKilledCommandEndsAndTheNextCommandRemovesTheRest() throws Exception {
    Process command = capture(ENDLESS);
    ProcessHandle network = networkOf(command);
    command.toHandle().destroyForcibly();
    network.onExit().get(1, TimeUnit.MINUTES);
    assertThat(left()).isNotEmpty();
    assertThat(printedBy(capture(ONNX))).contains("output[1]");
    assertThat(left()).containsExactly(out.resolve("out.npz"));
  }

  @Test
  void anOnnxModelInTheSameProcessLeavesNoLibraries() throws Exception {
    assertThat(printedBy(capture(ONNX, "--in-process"))).contains("output[1]");
    assertThat(left()).containsExactly(out.resolve("out.npz"));
  }
}
