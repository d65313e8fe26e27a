package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;

class TorchScriptBadInputTest {

  @TempDir private Path folder;

  @Test
  void probesOfAnotherShapeAreOneLineThatNamesFileShapeAndReason() {
    assertRefusesProbes(
        "unet_scripted",
        new long[] {3, 3, 8, 8},
        "unet_scripted.pt cannot take these probes of shape [3, 3, 8, 8]",
        "to have 1 channels, but got 3 channels instead");
  }

  @Test
  void probesOfAnotherRankAreOneLine() {
    assertRefusesProbes("unet_scripted", new long[] {3, 8}, "[3, 8]", "input to conv2d");
  }

  @Test
  void fractionsAreNoTokens() {
    assertRefusesProbes("tokens", new long[] {3, 4}, "tokens.pt", "Long, Int");
  }

  @Test
  void anUnknownLayerIsAnsweredWithTheNearestNames() {
    try (TorchScriptNetwork network = TorchScriptNetworkTest.open("unet_scripted")) {
      Probes probes = Probes.of(Nd4j.rand(2, 1, 8, 8));
      assertThatThrownBy(() -> network.capture(probes, LayerSelector.of("enc1.con1")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("enc1.conv1");
    }
  }

  @Test
  void anOperatorThatTheRuntimeDoesNotKnowPointsToANewerPyTorch() throws IOException {
    Path newer = edited(code -> code.replace("torch.relu(", "torch.relu_of_tomorrow("), "3");
    assertRefused(newer, "aten::relu_of_tomorrow", "written by a newer PyTorch");
  }

  @Test
  void aFileFormatThatTheRuntimeDoesNotKnowPointsToANewerPyTorch() throws IOException {
    assertRefused(
        edited(code -> code, "99"), "format version 99", "2.7.1", "written by a newer PyTorch");
  }

  @Test
  void codeThatDoesNotCompileIsOneLine() throws IOException {
    Path broken = edited(code -> code.replace("torch.relu(input)", "torch.relu(input"), "3");
    assertRefused(broken, "edited.pt");
  }

  @Test
  void nothingIsLeftInTheTemporaryFolder(@TempDir Path temporary) throws IOException {
    Path newer = edited(code -> code.replace("torch.relu(", "torch.relu_of_tomorrow("), "3");
    String usual = System.setProperty("java.io.tmpdir", temporary.toString());
    try {
      TorchScriptNetworkTest.open("unet_traced").close();
      assertThatThrownBy(() -> TorchScriptNetwork.open(newer));
    } finally {
      System.setProperty("java.io.tmpdir", usual);
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("palimpsest-")))
          .isEmpty();
    }
  }

  private static void assertRefusesProbes(String name, long[] shape, String... parts) {
    try (TorchScriptNetwork network = TorchScriptNetworkTest.open(name)) {
      Probes probes = Probes.of(Nd4j.rand(shape));
      assertThatThrownBy(() -> network.capture(probes, LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(parts)
          .message()
          .doesNotContain("\n");
    }
  }

  private static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> TorchScriptNetwork.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  private Path edited(UnaryOperator<String> edit, String version) throws IOException {
    Path target = folder.resolve("edited.pt");
    try (ZipFile source = new ZipFile(HookedActivations.archive("unet_scripted.pt").toFile());
        OutputStream file = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (ZipEntry entry : Collections.list(source.entries())) {
        byte[] content = source.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".py")) {
          String code = new String(content, StandardCharsets.UTF_8);
          content = edit.apply(code).getBytes(StandardCharsets.UTF_8);
        } else if (entry.getName().endsWith("/version")) {
          content = version.getBytes(StandardCharsets.US_ASCII);
        }
        zip.putNextEntry(new ZipEntry(entry.getName()));
        zip.write(content);
        zip.closeEntry();
      }
    }
    return target;
  }
}
