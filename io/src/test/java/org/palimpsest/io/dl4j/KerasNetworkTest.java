package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.io.capture.ActivationSourceContract;
import org.palimpsest.io.capture.ChannelOrder;
import org.palimpsest.io.capture.Closeness;

/** Against what Keras 3.15.1 answered layer by layer (make_keras.py). */
class KerasNetworkTest extends ActivationSourceContract {

  @TempDir Path folder;

  static Path resource(String name) {
    try {
      return Path.of(KerasNetworkTest.class.getResource("/keras/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static INDArray keras(String path) {
    try (HdfFile file = new HdfFile(resource("expected.h5"))) {
      Dataset dataset = file.getDatasetByPath(path);
      long[] shape = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
      INDArray values = Nd4j.create((float[]) dataset.getDataFlat(), shape, 'c');
      return ChannelOrder.LAST.channelsFirst(values).dup('c');
    }
  }

  private static List<String> kerasLayers(String network) {
    try (HdfFile file = new HdfFile(resource("expected.h5"))) {
      return new ArrayList<>(((Group) file.getByPath(network + "/layers")).getChildren().keySet());
    }
  }

  @Override
  protected ActivationSource network(int batchSize) {
    return KerasNetwork.open(resource("unet3.h5")).withBatchSize(batchSize);
  }

  @Override
  protected Probes probes() {
    return Probes.of(Nd4j.linspace(-1, 1, 5 * 2 * 64).reshape(5, 2, 8, 8));
  }

  @Override
  protected Probes wrongProbes() {
    return Probes.of(Nd4j.ones(5, 3, 8, 8));
  }

  @Override
  protected List<String> layersInOrder() {
    return List.of(
        "enc_conv",
        "enc_norm",
        "enc_relu",
        "pool",
        "bottom",
        "drop",
        "up",
        "up_conv",
        "join",
        "head");
  }

  private static void requireKeras(Dl4jNetwork opened, String network) {
    ActivationSet captured =
        opened.capture(Probes.of(keras(network + "/input")), LayerSelector.all());
    for (String layer : kerasLayers(network)) {
      if (!layer.equals("flat")) {
        Closeness.assertClose(
            layer,
            captured.get(layer).values(),
            keras(network + "/layers/" + layer),
            Closeness.TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "unet3.h5, unet",
    "unet2.h5, unet",
    "classifier3.h5, classifier",
    "classifier1.h5, classifier",
    "sequence3.h5, sequence"
  })
  void everyLayerAnswersWhatKerasAnswered(String file, String network) {
    requireKeras(KerasNetwork.open(resource(file)), network);
  }

  @Test
  void architectureAndWeightsMayBeTwoFiles() {
    Path json = resource("unet2.json");

    requireKeras(KerasNetwork.open(json, resource("unet2_weights.h5")), "unet");
    requireKeras(KerasNetwork.open(json, resource("unet3.h5")), "unet");
  }

  @Test
  void theVersionOfKerasIsInTheProvenance() {
    assertThat(KerasNetwork.open(resource("unet3.h5")).provenance().notes())
        .contains("Keras 3.15.1, imported by DL4J 1.0.0-M2.1", "ran in evaluation mode");
    assertThat(KerasNetwork.open(resource("classifier1.h5")).provenance().notes().get(0))
        .startsWith("Keras 1.2.2");
  }

  @Test
  void weightsHaveTheAxesOfTheirKind() {
    var weights = KerasNetwork.open(resource("unet3.h5")).weights();

    var kernel = weights.find("enc_conv.W").orElseThrow();
    assertThat(kernel.layerKind()).isEqualTo(LayerKind.CONVOLUTION);
    assertThat(kernel.values().shape()).containsExactly(4, 2, 3, 3);
    assertThat(weights.find("up_conv.W").orElseThrow().values().shape())
        .containsExactly(6, 4, 2, 2);
    assertThat(weights.find("enc_norm.var").orElseThrow().values().shape()).containsExactly(4);
  }

  private static void assertRefused(Path file, String part) {
    assertThatThrownBy(() -> KerasNetwork.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(part);
  }

  @Test
  void whatIsNoWholeKerasNetworkIsRefused() throws IOException {
    assertRefused(resource("unet2_weights.h5"), "no architecture");
    assertRefused(resource("unet3.weights.h5"), "model.save");
    assertRefused(resource("expected.h5"), "not one of Keras");
    assertRefused(resource("unet3.keras"), "HDF5");
    assertRefused(folder.resolve("none.h5"), "does not exist");
    assertRefused(Files.write(folder.resolve("empty.h5"), new byte[0]), "empty");
    assertRefused(Files.writeString(folder.resolve("text.h5"), "a,b,c\n1,2,3\n"), "HDF5");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 600, 5000, 20000, 30000})
  void aTruncatedFileIsRefused(int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(resource("unet3.h5"));

    assertRefused(Files.write(folder.resolve("cut.h5"), Arrays.copyOf(whole, bytes)), "");
  }

  @Test
  void aLayerThatTheImportDoesNotKnowIsNamed() throws IOException {
    String json = Files.readString(resource("unet2.json")).replace("\"ReLU\"", "\"MyOwnLayer\"");
    Path changed = Files.writeString(folder.resolve("a.json"), json);

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("MyOwnLayer");
  }

  /** Sets, in a layer of unet2.json, a value that Keras allows, and that changes its answer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Conv2D | data_format | \"channels_first\"",
        "Conv2D | groups | 2",
        "Conv2D | activation | \"gelu\"",
        "Conv2D | activation | {\"class_name\": \"LeakyReLU\"}",
        "Conv2D | dtype | \"mixed_float16\"",
        "UpSampling2D | interpolation | \"bilinear\"",
        "Conv2DTranspose | output_padding | [1, 1]",
        "Conv2DTranspose | strides | [3, 3]",
        "MaxPooling2D | padding | \"same\"",
        "BatchNormalization | axis | 1",
        "BatchNormalization | scale | false",
        "BatchNormalization | center | false",
        "ReLU | max_value | 6.0",
        "ReLU | negative_slope | 0.1",
        "ReLU | threshold | 0.5",
        "Concatenate | axis | 1",
        "ReLU | a_setting_of_tomorrow | 1"
      })
  void aSettingThatWasNeverComparedIsRefusedByName(String kind, String setting, String value)
      throws IOException {
    Path changed = withSetting(kind, setting, value);

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(kind)
        .hasMessageContaining(setting);
  }

  private Path withSetting(String kind, String setting, String value) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode architecture = mapper.readTree(Files.readString(resource("unet2.json")));
    for (JsonNode layer : architecture.path("config").path("layers")) {
      if (layer.path("class_name").asText().equals(kind)) {
        ((ObjectNode) layer.path("config")).set(setting, mapper.readTree(value));
      }
    }
    return Files.writeString(folder.resolve("a.json"), architecture.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ReLU, PReLU",
    "UpSampling2D, UpSampling3D",
    "Conv2DTranspose, Conv3DTranspose",
    "Dropout, GaussianNoise",
    "Concatenate, Multiply",
    "MaxPooling2D, Functional"
  })
  void aKindOfLayerThatWasNeverComparedIsRefusedByName(String from, String to) throws IOException {
    String json = Files.readString(resource("unet2.json"));
    Path changed =
        Files.writeString(
            folder.resolve("a.json"), json.replace("\"" + from + "\"", "\"" + to + "\""));

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(" + to + ")");
  }

  @Test
  void anActivationLayerAnswersAsTheLayerOfItsName() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode architecture = mapper.readTree(Files.readString(resource("unet2.json")));
    for (JsonNode layer : architecture.path("config").path("layers")) {
      if (layer.path("class_name").asText().equals("ReLU")) {
        ((ObjectNode) layer).put("class_name", "Activation");
        ((ObjectNode) layer)
            .putObject("config")
            .put("name", "enc_relu")
            .put("dtype", "float32")
            .put("activation", "relu");
      }
    }
    Path changed = Files.writeString(folder.resolve("a.json"), architecture.toString());

    requireKeras(KerasNetwork.open(changed, resource("unet2_weights.h5")), "unet");
  }

  @Test
  void aLayerCalledInTrainingModeIsRefused() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode architecture = mapper.readTree(Files.readString(resource("unet2.json")));
    for (JsonNode layer : architecture.path("config").path("layers")) {
      if (layer.path("class_name").asText().equals("Dropout")) {
        ((ObjectNode) layer.path("inbound_nodes").path(0).path(0).path(3)).put("training", true);
      }
    }
    Path changed = Files.writeString(folder.resolve("a.json"), architecture.toString());

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("training");
  }

  @Test
  void anArrayThatNoLayerTakesIsRefused() throws IOException {
    String json =
        Files.readString(resource("unet2.json"))
            .replace("\"use_bias\": true", "\"use_bias\": false");
    Path changed = Files.writeString(folder.resolve("a.json"), json);

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("arrays for layer");
  }

  @Test
  void anArchitectureThatClaimsToBeHugeIsRefusedBeforeMemoryIsTaken() throws IOException {
    String json =
        Files.readString(resource("unet2.json"))
            .replace("\"filters\": 6", "\"filters\": 600000000");
    Path changed = Files.writeString(folder.resolve("a.json"), json);

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("cannot hold");
  }

  @Test
  void weightsOfAnotherShapeAreRefused() throws IOException {
    String json =
        Files.readString(resource("unet2.json")).replace("\"filters\": 6", "\"filters\": 5");
    Path changed = Files.writeString(folder.resolve("a.json"), json);

    assertThatThrownBy(() -> KerasNetwork.open(changed, resource("unet2_weights.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("of the shape");
  }

  @Test
  void anArchitectureThatIsNoneIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.json"), "not json");
    Path list = Files.writeString(folder.resolve("b.json"), "[1, 2]");

    for (Path file : List.of(text, list)) {
      assertThatThrownBy(() -> KerasNetwork.open(file, resource("unet2_weights.h5")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(file.toString());
    }
  }

  private static String keras2(String... layers) {
    StringBuilder json =
        new StringBuilder(
            "{'class_name': 'Functional', 'keras_version': '2.15.0', 'config': {'layers':"
                + " [{'class_name': 'InputLayer', 'config': {'name': 'in', 'batch_input_shape':"
                + " [null, 5, 4, 3]}, 'inbound_nodes': []}");
    for (String layer : layers) {
      String[] words = layer.split(" ");
      String inputs =
          Arrays.stream(words, 2, words.length)
              .map("['%s', 0, 0, {}]"::formatted)
              .collect(Collectors.joining(", "));
      json.append(", {'class_name': '%s', 'config': {'name': '%s'}".formatted(words[0], words[1]))
          .append(", 'inbound_nodes': [[%s]]}".formatted(inputs));
    }
    return json.append("]}}").toString().replace('\'', '"');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GlobalAveragePooling2D last in",
        "Softmax last in",
        "BatchNormalization last in",
        "Flatten last in",
        "Concatenate last in in",
        "ReLU r in, Softmax last r",
        "Dropout d in, GlobalAveragePooling2D last d",
        "UpSampling2D u in, Softmax last u",
        "UpSampling2D u in, Conv2D last u",
        "ReLU r in, Concatenate last in r, Conv2D c last",
        "Conv2D c in, Flatten last in"
      })
  void aLayerThatNeedsTheOrderOfAxesBeforeTheImportKnowsItIsRefused(String layers) {
    assertThatThrownBy(() -> KerasArchitecture.parse(folder, keras2(layers.split(", ")), ""))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("layer 'last'")
        .hasMessageContaining("channels are the last axis");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ReLU r in, Activation a r",
        "UpSampling2D u in",
        "BatchNormalization n in, Conv2D c n",
        "Conv2D c in, GlobalAveragePooling2D g in",
        "Conv2D c in, Concatenate k in c, BatchNormalization n k",
        "MaxPooling2D p in, Flatten f p, Dense d f",
        "ZeroPadding2D p in, UpSampling2D u p, Softmax s u"
      })
  void aNetworkThatTellsTheOrderOfItsAxesIsTaken(String layers) {
    assertThat(KerasArchitecture.parse(folder, keras2(layers.split(", ")), "").version())
        .isEqualTo("2.15.0");
  }

  @Test
  void inputsThatAreRepeatedWithoutEndAreRefused() {
    List<String> layers = new ArrayList<>(List.of("Conv2D k0 in"));
    for (int i = 1; i <= 40; i++) {
      layers.add("Concatenate k%d k%d k%d".formatted(i, i - 1, i - 1));
    }
    String json = keras2(layers.toArray(String[]::new));
    assertThatThrownBy(() -> KerasArchitecture.parse(folder, json, ""))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("layer 'k9'");
  }

  /** The names of enc_norm's weights are references of 16 bytes, the first 4 of which are sizes. */
  @Test
  void weightsThatAreListedInAnotherOrderThanKerasReadsThemAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(resource("unet3.h5"));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int gamma = 0;
    while (file.getInt(gamma) != "enc_norm/gamma".length()
        || file.getInt(gamma + 16) != "enc_norm/beta".length()
        || file.getInt(gamma + 32) != "enc_norm/moving_mean".length()) {
      gamma++;
    }
    byte[] first = Arrays.copyOfRange(bytes, gamma, gamma + 16);
    System.arraycopy(bytes, gamma + 16, bytes, gamma, 16);
    System.arraycopy(first, 0, bytes, gamma + 16, 16);

    assertRefused(Files.write(folder.resolve("a.h5"), bytes), "lists its weights");
  }
}
