package org.palimpsest.io.internal.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.weights.WeightFiles;

/** Files that PyTorch 1.13 wrote; see io/src/test/python/make_torch_fixtures.py. */
class TorchWeightsTest {

  @TempDir Path folder;

  private static Path file(String name) {
    try {
      return Path.of(TorchWeightsTest.class.getResource("/torch/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void assertValues(Weights weights, String expected) throws IOException {
    JsonNode all = new ObjectMapper().readTree(file("expected.json").toFile()).get(expected);
    assertThat(weights.tensors()).hasSize(all.size());
    for (int i = 0; i < all.size(); i++) {
      WeightTensor tensor = weights.tensors().get(i);
      JsonNode wanted = all.get(i);
      String name = wanted.get("name").asText();
      assertThat(tensor.name()).isEqualTo(name);
      long[] shape = new long[wanted.get("shape").size()];
      Arrays.setAll(shape, k -> wanted.get("shape").get(k).asLong());
      double[] values = new double[wanted.get("values").size()];
      Arrays.setAll(values, k -> wanted.get("values").get(k).asDouble());
      double[] read = new double[values.length];
      TensorReader.of(tensor.values()).read(0, read);
      assertThat(tensor.values().shape()).as(name).isEqualTo(shape);
      assertThat(read).as(name).containsExactly(values);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"state.pth", "state_legacy.pth"})
  void stateDictsOfBothFormatsHaveTheirValues(String name) throws IOException {
    assertValues(WeightFiles.read(file(name)), "first");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"odd.pth", "odd_legacy.pth", "odd_protocol4.pth", "odd_legacy_protocol1.pth"})
  void everyTypeViewAndSharedStorageHasItsValues(String name) throws IOException {
    Weights weights = TorchWeights.read(file(name));
    assertValues(weights, "odd");
    assertThat(weights.provenance().notes()).containsExactly("left out: empty (empty)");
    assertThat(weights.find("bf16").orElseThrow().dtype()).isEqualTo("bfloat16");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model_state_dict", "model", "state_dict"})
  void checkpointsHideTheirWeightsUnderUsualNames(String key) throws IOException {
    Weights weights = TorchWeights.read(file(key + ".ckpt"));
    assertValues(weights, "state");
    assertThat(weights.provenance().notes())
        .startsWith(
            "weights taken from entry '" + key + "'",
            "no weights are taken from its other entries: epoch, optimizer_state_dict, path, best");
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.pth", "scripted.pt"})
  void modulesAndTorchScriptGiveTheirTensorsAndKindsOfLayers(String name) throws IOException {
    Weights weights = TorchWeights.read(file(name));
    assertValues(weights, "state");
    assertThat(weights.tensors())
        .extracting(WeightTensor::layerKind)
        .startsWith(LayerKind.CONVOLUTION, LayerKind.CONVOLUTION, LayerKind.NORMALISATION)
        .contains(LayerKind.TRANSPOSED_CONVOLUTION)
        .endsWith(LayerKind.LINEAR);
  }

  @Test
  void nestedDictionariesAreJoinedByDots() {
    assertThat(TorchWeights.read(file("nested.ckpt")).tensors())
        .extracting(WeightTensor::name)
        .containsExactly("encoder.w", "x");
  }

  @Test
  void whereTwoEntriesHoldWeightsTheCallerChooses() throws IOException {
    assertThatThrownBy(() -> TorchWeights.read(file("two.ckpt")))
        .hasMessageContaining("several entries: a, b");
    assertValues(TorchWeights.read(file("two.ckpt"), "b"), "state");
    assertThatThrownBy(() -> TorchWeights.read(file("two.ckpt"), "c"))
        .hasMessageContaining("no entry 'c'");
  }

  @Test
  void tensorsOfOtherKindsAreLeftOutAndSaid() {
    Weights weights = TorchWeights.read(file("unread.pth"));
    assertThat(weights.tensors()).extracting(WeightTensor::name).containsExactly("w");
    assertThat(weights.provenance().notes().get(0))
        .contains("q (quantised", "s (sparse", "c (of type ComplexFloatStorage");
  }

  @ParameterizedTest
  @CsvSource({
    "quantised.pth, q (quantised",
    "frozen.pt, A frozen model keeps its weights as constants",
    "expected.json, is plain text"
  })
  void filesWithoutReadableWeightsSayWhy(String name, String reason) {
    assertThatThrownBy(() -> WeightFiles.read(file(name)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd.pth", "odd_legacy.pth", "scripted.pt"})
  void everyTruncationIsRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(file(name));
    for (int length = 0; length < whole.length; length += 37) {
      Path cut = Files.write(folder.resolve("cut.pth"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TorchWeights.read(cut))
          .as("first %d bytes", length)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cut.pth");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"protocol0.pth", "protocol0_legacy.pth"})
  void aProtocolThatLosesStoragesIsRefusedByName(String name) {
    assertThatThrownBy(() -> WeightFiles.read(file(name)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("pickle protocol 0");
  }

  @Test
  void aVersionOfTheOldFormatThatIsNoNumberIsDamage() throws IOException {
    byte[] bytes = Files.readAllBytes(file("odd_legacy.pth"));
    int at = 0;
    while (bytes[at] != 'M' || bytes[at + 1] != (byte) 0xe9 || bytes[at + 2] != 3) {
      at++;
    }
    System.arraycopy(new byte[] {'}', '2', '0'}, 0, bytes, at, 3);
    Path file = Files.write(folder.resolve("odd.pth"), bytes);

    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            file + " has no number where the version of its format should be: it is damaged.");
  }

  @Test
  void anotherVersionOfTheOldFormatIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(file("odd_legacy.pth"));
    int at = 0;
    while (bytes[at] != 'M' || bytes[at + 1] != (byte) 0xe9 || bytes[at + 2] != 3) {
      at++;
    }
    bytes[at + 1]++;
    Path file = Files.write(folder.resolve("later.pth"), bytes);

    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("later.pth has version 1002 of PyTorch's old format");
  }
}
