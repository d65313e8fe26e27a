package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands as processes, whose standard output carries the result alone, whoever else prints. */
class StandardOutputTest {

  private static final Path PRINTING =
      Path.of("..", "io/src/test/resources/org/palimpsest/io/internal/torchscript/deadly.pt");

  @TempDir private Path folder;

  /** In this process it is handed over as a stream, which nobody else has. */
  private void requireTheSame(Object... command) {
    Outcome process = Outcome.ofProcess(folder, command);
    assertThat(process).isEqualTo(Outcome.of(command));
    assertThat(process.code()).isZero();
    assertThat(process.out()).isNotEmpty();
  }

  @Test
  void commandsOnNetworksOfDl4jPrintTheirTableAlone() throws IOException {
    Path a = SampleFiles.savedByDl4j(folder.resolve("a.zip"));
    Path b = SampleFiles.savedByDl4j(folder.resolve("b.zip"), 1);
    Path probes = SampleFiles.array(folder.resolve("probes.npy"), 1, 20, 3);
    requireTheSame("inspect", a);
    requireTheSame("weights-compare", a, b);
    requireTheSame("compare", a, b, "--probes", probes, "--format", "json");
  }

  /** PyTorch's runtime prints what a model prints to the standard output of its process. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aModelThatPrintsInTheSameProcessPrintsToStandardError() {
    Object[] command = {
      "capture",
      PRINTING,
      "--probes",
      SampleFiles.PROBES,
      "-o",
      folder.resolve("printing.npz"),
      "--in-process"
    };
    Outcome printing = Outcome.ofProcess(folder, command);
    assertThat(printing.err()).contains("a word of the network's own");
    assertThat(printing.out()).contains("conv ").doesNotContain("word");
    assertThat(printing.out().lines()).allMatch(line -> line.endsWith("]"));
  }

  /** ND4J's native library prints why an operator fails. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void nothingIsPrintedToStandardOutputWhereTheNativeLibraryFails() throws IOException {
    Path odd = takesBlocksThatAreNotThere(folder.resolve("odd.zip"));
    Path probes = SampleFiles.array(folder.resolve("probes.npy"), 1, 2, 1, 6, 6);
    Outcome failed =
        Outcome.ofProcess(
            folder, "capture", odd, "--probes", probes, "-o", folder.resolve("a.npz"));
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).contains("Error at [", "palimpsest: ").doesNotContain("ERROR");
  }

  /** Takes blocks of four by four, which images of six by six do not have. */
  private static Path takesBlocksThatAreNotThere(Path file) throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new SpaceToDepthLayer.Builder(4).build())
                .layer(new ConvolutionLayer.Builder(1, 1).nIn(16).nOut(2).build())
                .layer(new CnnLossLayer.Builder().build())
                .build());
    network.init();
    ModelSerializer.writeModel(network, file.toFile(), false);
    return file;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsToldByTheSystemsWords() throws Exception {
    Process process = Outcome.process("measures").redirectOutput(new File("/dev/full")).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(err.strip())
        .isEqualTo("palimpsest: standard output cannot be written: No space left on device");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatIsAppendedToAFileFollowsWhatIsThere() throws Exception {
    Path log = Files.writeString(folder.resolve("log.txt"), "before\n");
    ProcessBuilder.Redirect append = ProcessBuilder.Redirect.appendTo(log.toFile());
    int code =
        Outcome.process("measures")
            .redirectOutput(append)
            .redirectErrorStream(true)
            .start()
            .waitFor();
    assertThat(code).isZero();
    List<String> lines = Files.readAllLines(log);
    assertThat(lines.get(0)).isEqualTo("before");
    assertThat(lines.subList(1, lines.size()))
        .isEqualTo(Outcome.of("measures").out().lines().toList());
  }
}
