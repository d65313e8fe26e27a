package org.palimpsest.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

  @TempDir private Path folder;

  private static String inspect(Path file) {
    return Outcome.of("inspect", file).isWell().out();
  }

  @Test
  void model() {
    assertThat(inspect(SampleFiles.MODEL_A))
        .contains("a TorchScript model", "PyTorch", "Net", "evaluation mode", "bottom.weight");
  }

  @Test
  void stateDict() {
    assertThat(inspect(SampleFiles.WEIGHTS))
        .contains("state dict", "PyTorch", "[4, 3, 3, 3]", "float32", "torch.jit.script");
  }

  @Test
  void array() {
    assertThat(inspect(SampleFiles.PROBES)).contains("NumPy array", "[6, 1, 16, 16]", "float32");
  }

  @Test
  void capturedActivations() {
    Path archive =
        SampleFiles.captured(folder.resolve("a.npz"), SampleFiles.MODEL_A, SampleFiles.PROBES);
    assertThat(inspect(archive))
        .contains("Palimpsest", "captured from " + SampleFiles.MODEL_A, "fingerprint", "enc.0");
  }

  @Test
  void otherFilesAreAtLeastNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.pt"), "not a network at all");
    assertThat(inspect(text)).contains("plain text");
    Path cut = SampleFiles.truncated(folder.resolve("cut.pt"), SampleFiles.MODEL_A);
    assertThat(inspect(cut)).contains("damaged or truncated");
    assertThat(inspect(SampleFiles.image(folder.resolve("x.png"), 1))).contains("PNG image");
  }

  @Test
  void networksOfOtherToolsShowLayersAndTensors() {
    assertThat(inspect(ofIo("onnx/unet.onnx")))
        .contains("an ONNX model", "pytorch 1.13", "its inputs: probes", "layers")
        .containsPattern("/enc1/.*Conv");
    assertThat(inspect(ofIo("keras/unet3.h5")))
        .contains("Keras 3", "imported by DL4J", "ConvolutionLayer", "float32");
  }

  @Test
  void savedNetworkOfDl4j() throws IOException {
    Path saved = SampleFiles.savedByDl4j(folder.resolve("net.zip"));
    assertThat(inspect(saved))
        .contains("a saved DL4J network", "Deeplearning4j", "hidden.W", "[4, 3]")
        .containsPattern("hidden +DenseLayer");
  }

  static Path ofIo(String resource) {
    return Path.of("..", "io/src/test/resources", resource);
  }

  @Test
  void jsonHoldsTheSame() {
    JsonNode facts = Outcome.of("inspect", SampleFiles.WEIGHTS, "--format", "json").json();
    assertThat(facts.fieldNames())
        .toIterable()
        .containsExactly("file", "is", "writer", "use", "bytes", "sha256", "notes", "layers", "parts");
    assertThat(facts.get("parts")).hasSize(6);
  }
}
