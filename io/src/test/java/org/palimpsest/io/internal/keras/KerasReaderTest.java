package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.internal.capture.ActivationSourceContract;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Containers and refusals, against what Keras 3.15.1 answered layer by layer (make_keras.py). */
class KerasReaderTest extends ActivationSourceContract {

  @TempDir Path folder;

  private static INDArray keras(String path) {
    try (HdfFile file = new HdfFile(KerasFiles.resource("expected.h5"))) {
      Dataset dataset = file.getDatasetByPath(path);
      long[] shape = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
      INDArray values = Nd4j.create((float[]) dataset.getDataFlat(), shape, 'c');
      return ChannelOrder.LAST.channelsFirst(values).dup('c');
    }
  }

  private static List<String> kerasLayers(String network) {
    try (HdfFile file = new HdfFile(KerasFiles.resource("expected.h5"))) {
      return new ArrayList<>(((Group) file.getByPath(network + "/layers")).getChildren().keySet());
    }
  }

  @Override
  protected ActivationSource network(int batchSize) {
    return FrontEnds.of(KerasFiles.resource("unet3.keras"), NetworkOptions.none())
        .orElseThrow()
        .open(RunLimits.withDefaults().withBatchSize(batchSize));
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
        "head",
        "output");
  }

  private static void requireKeras(ActivationSource opened, String network) {
    try (opened) {
      ActivationSet captured =
          opened.capture(Probes.of(keras(network + "/input")), LayerSelector.all());
      for (String layer : kerasLayers(network)) {
        Closeness.assertClose(
            layer,
            captured.get(layer).values(),
            keras(network + "/layers/" + layer),
            Closeness.TOLERANCE);
      }
    }
  }

  /** As Keras 3 writes policies, and functions that are not its own, called as its own are. */
  @Test
  void whatIsOfAnotherPackageIsNotTakenForThatOfKeras() {
    assertChangeRefused("Conv2D", layer -> activation(layer, "mypkg"), "activation", "mypkg");
    assertChangeRefused(
        "Conv2D",
        layer ->
            ((ObjectNode) layer.path("config"))
                .set(
                    "dtype",
                    KerasFiles.json(
                        """
                        {"module": "mypkg", "class_name": "DTypePolicy",
                         "config": {"name": "float32"}}\
                        """)),
        "dtype",
        "mypkg");
    Path ownFunction =
        KerasFiles.changed(
            folder.resolve("own.json"), "Conv2D", layer -> activation(layer, "builtins"));
    KerasFiles.withArchitecture(ownFunction).close(); // of Keras 2, which writes its own so too
    NetworkOptions ofKeras3 = NetworkOptions.none().withArchitecture(ownFunction);
    assertThatThrownBy(() -> KerasFiles.open(KerasFiles.resource("unet3.h5"), ofKeras3))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("activation function that is not of Keras", "\"relu\"");
  }

  /** A network that is frozen but for a layer keeps its arrays in the order of its layers. */
  @Test
  void arraysOfAFrozenNetworkGoToTheirLayers() {
    Probes ones = Probes.of(Nd4j.ones(DataType.FLOAT, 1, 2, 4, 4));
    try (ActivationSource network = KerasFiles.open(KerasFiles.resource("frozen_within3.h5"))) {
      INDArray output = network.capture(ones, LayerSelector.of("output")).get("output").values();
      // (2 x + 1) 5 and (3 x + 1) 7
      assertThat(output.getDouble(0, 0, 0, 0)).isEqualTo(15);
      assertThat(output.getDouble(0, 1, 0, 0)).isEqualTo(28);
    }
  }

  private static void activation(ObjectNode layer, String module) {
    ((ObjectNode) layer.path("config"))
        .set(
            "activation",
            KerasFiles.json(
                """
                {"module": "%s", "class_name": "function", "config": "relu",
                 "registered_name": "function"}\
                """
                    .formatted(module)));
  }

  @ParameterizedTest
  @CsvSource({
    "unet3.h5, unet",
    "unet3.keras, unet",
    "unet2.h5, unet",
    "classifier3.h5, classifier",
    "classifier1.h5, classifier",
    "sequence3.h5, sequence"
  })
  void everyLayerAnswersWhatKerasAnswered(String file, String network) {
    requireKeras(KerasFiles.open(KerasFiles.resource(file)), network);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet2_weights.h5", "unet3.h5", "unet3.weights.h5", "unet3.keras"})
  void anArchitectureMayBeGivenForWeights(String weights) {
    NetworkOptions options =
        NetworkOptions.none().withArchitecture(KerasFiles.resource("unet2.json"));

    requireKeras(KerasFiles.open(KerasFiles.resource(weights), options), "unet");
  }

  @Test
  void noOtherDescriptionIsGivenForAFileThatHasItsOwn() {
    NetworkOptions other =
        NetworkOptions.none().withArchitecture(KerasFiles.resource("unet2.json"));
    for (String whole : List.of("unet3.h5", "unet3.keras", "unet2.h5")) {
      Path file = KerasFiles.resource(whole);
      assertThatThrownBy(() -> Inputs.requireNoOtherDescription(file, other))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(whole, "unet2.json", "'.'");
      Inputs.requireNoOtherDescription(file, NetworkOptions.none());
    }
    for (String alone : List.of("unet2_weights.h5", "unet3.weights.h5")) {
      Inputs.requireNoOtherDescription(KerasFiles.resource(alone), other);
    }
  }

  @Test
  void aFolderOfTheSameFilesIsReadAsTheArchive() throws IOException {
    try (ZipFile zip = new ZipFile(KerasFiles.resource("unet3.keras").toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
        Files.copy(zip.getInputStream(entry), folder.resolve(entry.getName()));
      }
    }

    requireKeras(KerasFiles.open(folder), "unet");
  }

  @Test
  void theVersionOfKerasIsInTheProvenance() {
    try (ActivationSource three = KerasFiles.open(KerasFiles.resource("unet3.keras"));
        ActivationSource one = KerasFiles.open(KerasFiles.resource("classifier1.h5"))) {
      assertThat(three.provenance().notes()).contains("Keras 3.15.1, by the table of its layers");
      assertThat(three.provenance().cautions()).isEmpty();
      assertThat(one.provenance().notes().get(0)).startsWith("Keras 1.2.2");
      assertThat(one.provenance().cautions()).anyMatch(note -> note.contains("TensorFlow's"));
    }
  }

  @Test
  void weightsHaveTheNamesAndAxesOfPyTorch() {
    var weights = Inputs.weights(KerasFiles.resource("unet3.h5"));

    var kernel = weights.find("enc_conv.weight").orElseThrow();
    assertThat(kernel.layerKind()).isEqualTo(LayerKind.CONVOLUTION);
    assertThat(kernel.values().shape()).containsExactly(4, 2, 3, 3);
    var up = weights.find("up_conv.weight").orElseThrow();
    assertThat(up.layerKind()).isEqualTo(LayerKind.TRANSPOSED_CONVOLUTION);
    assertThat(up.values().shape()).containsExactly(6, 4, 2, 2);
    assertThat(weights.find("enc_norm.running_var").orElseThrow().values().shape())
        .containsExactly(4);
  }

  private static void assertRefused(Path file, String part) {
    assertThatThrownBy(() -> Inputs.open(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(part);
  }

  @Test
  void weightsWithoutTheirNetworkAreRefused() {
    assertRefused(KerasFiles.resource("unet2_weights.h5"), "--architecture");
    assertRefused(KerasFiles.resource("unet3.weights.h5"), "--architecture");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet2_weights.h5", "unet3.weights.h5"})
  void weightsWithoutTheirNetworkAreListedAsTheFileHasThem(String file) {
    Weights listed = Inputs.weights(KerasFiles.resource(file));
    NetworkOptions known =
        NetworkOptions.none().withArchitecture(KerasFiles.resource("unet2.json"));
    Weights told = Inputs.weights(KerasFiles.resource(file), known);

    assertThat(listed.tensors()).hasSameSizeAs(told.tensors());
    assertThat(listed.tensors()).allMatch(tensor -> tensor.layerKind() == LayerKind.OTHER);
    assertThat(sums(listed)).isEqualTo(sums(told));
    assertThat(listed.provenance().notes()).anyMatch(note -> note.contains("--architecture"));
  }

  private static List<Double> sums(Weights weights) {
    return weights.tensors().stream()
        .map(tensor -> tensor.values().castTo(DataType.DOUBLE).norm2Number().doubleValue())
        .map(norm -> Math.round(norm * 1e6) / 1e6)
        .sorted()
        .toList();
  }

  @Test
  void formatsOfTensorFlowItselfAreRefusedWithAHint() throws IOException {
    Path saved = Files.createDirectories(folder.resolve("saved"));
    Files.writeString(saved.resolve("saved_model.pb"), "graph");
    assertRefused(saved, "model.save(\"network.keras\")");
    Path index = Files.write(folder.resolve("weights.index"), new byte[] {0, 1, 2, 3});
    Files.write(folder.resolve("weights.data-00000-of-00001"), new byte[] {0, 1, 2, 3});
    assertRefused(index, "checkpoint of TensorFlow");
    assertRefused(folder, "checkpoint of TensorFlow");
  }

  @ParameterizedTest
  @ValueSource(ints = {600, 5000, 20000, 30000})
  void aTruncatedFileIsRefused(int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(KerasFiles.resource("unet3.h5"));

    assertRefused(Files.write(folder.resolve("cut.h5"), Arrays.copyOf(whole, bytes)), "");
  }

  private void assertChangeRefused(
      String className, java.util.function.Consumer<ObjectNode> change, String... parts) {
    Path changed = KerasFiles.changed(folder.resolve("a.json"), className, change);

    assertThatThrownBy(() -> KerasFiles.withArchitecture(changed).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void aLayerThatIsNotKnownIsNamed() {
    assertChangeRefused("ReLU", layer -> layer.put("class_name", "MyOwnLayer"), "MyOwnLayer");
    assertChangeRefused("ReLU", layer -> layer.put("class_name", "lab>ReLU"), "lab>ReLU");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ReLU | a_setting_of_tomorrow | 1",
        "ReLU | negative_slope | \"steep\"",
        "Conv2D | groups | 3",
        "Conv2D | kernel_size | [3]",
        "Conv2D | strides | 0",
        "Conv2D | activation | \"my_own\"",
        "Conv2D | activation | {\"class_name\": \"MyOwn\"}",
        "Conv2D | dtype | \"int8\"",
        "Conv2D | padding | \"causal\"",
        "UpSampling2D | interpolation | \"my_own\"",
        "Conv2DTranspose | output_padding | [2, 2]",
        "BatchNormalization | axis | 0",
        "BatchNormalization | axis | 9",
        "BatchNormalization | renorm | true",
        "BatchNormalization | scale | null",
        "BatchNormalization | axis | null",
        "Conv2D | use_bias | null",
        "Conv2D | filters | 600000000",
        "Conv2D | strides | 2147483648",
        "Conv2D | strides | 18446744073709551617",
        "Conv2D | dilation_rate | [2147483648, 1]",
        "Conv2D | dilation_rate | 16777216",
        "MaxPooling2D | pool_size | 4294967297",
        "UpSampling2D | size | [1099511627776, 2]",
        "Concatenate | axis | 0"
      })
  void aSettingThatIsNotKnownIsRefusedByName(String kind, String setting, String value) {
    assertChangeRefused(
        kind,
        layer -> ((ObjectNode) layer.path("config")).set(setting, KerasFiles.json(value)),
        kind,
        setting);
  }

  @Test
  void weightsThatDoNotFitTheArchitectureAreRefused() {
    assertChangeRefused(
        "Conv2D", layer -> config(layer).put("filters", 5), "of the shape", "enc_conv");
    assertChangeRefused(
        "Conv2D", layer -> config(layer).put("use_bias", false), "arrays for layer");
    assertChangeRefused(
        "BatchNormalization", layer -> layer.put("class_name", "Dropout"), "Dropout");
    assertChangeRefused(
        "Conv2D", layer -> config(layer).put("filters", 16_000_000), "of the shape");
  }

  private static ObjectNode config(ObjectNode layer) {
    return (ObjectNode) layer.path("config");
  }

  @Test
  void aLayerOfKerasTwoThatIsCalledInTrainingModeIsRefused() {
    assertChangeRefused(
        "Dropout",
        layer ->
            ((ObjectNode) layer.path("inbound_nodes").path(0).path(0).path(3))
                .put("training", true),
        "training");
  }

  /** Keras 3 keeps the names that a layer is called with. */
  @Test
  void aLayerThatIsCalledByAnUnknownNameIsNamedWithIt() {
    String call =
        "[{\"args\": [], \"kwargs\": {\"%s\": {\"class_name\": \"__keras_tensor__\", \"config\":"
            + " {\"keras_history\": [\"enc_norm\", 0, 0]}}}}]";

    assertChangeRefused(
        "ReLU",
        layer -> layer.set("inbound_nodes", KerasFiles.json(call.formatted("sequences"))),
        "enc_relu",
        "without a tensor as 'inputs'");
    assertChangeRefused(
        "Concatenate",
        layer ->
            ((ObjectNode) layer.path("inbound_nodes").path(0).path(0).path(3))
                .set("mask", KerasFiles.json("[\"enc_relu\", 0, 0]")),
        "mask=a tensor of 4 axes");
  }

  @Test
  void resultsThatNoMachineHoldsAreRefusedByTheirLayer() {
    assertChangeRefused(
        "UpSampling2D",
        layer -> config(layer).set("size", KerasFiles.json("[16777216, 16777216]")),
        "no machine holds");
  }

  @Test
  void aCallOfWhatComesLaterOrNeverIsRefused() {
    assertChangeRefused(
        "ReLU",
        layer -> layer.set("inbound_nodes", KerasFiles.json("[[[\"head\", 0, 0, {}]]]")),
        "enc_relu");
    assertChangeRefused(
        "ReLU",
        layer -> layer.set("inbound_nodes", KerasFiles.json("[[[\"nobody\", 0, 0, {}]]]")),
        "enc_relu");
  }

  /** Each network calls the one within it twice. */
  @Test
  void networksThatCallEachOtherWithoutEndAreRefused() {
    String shape = "[null, 4, 4, 3]";
    String inner =
        "{'class_name':'InputLayer','config':{'name':'in','batch_input_shape':%s},'inbound_nodes':[]}"
            .formatted(shape);
    String body =
        "{'class_name':'ReLU','name':'a','config':{'name':'a'},'inbound_nodes':[[['in',0,0,{}]],[['a',0,0,{}]]]}";
    String network = network(inner, body);
    for (int i = 0; i < 25; i++) {
      String called =
          network.substring(0, network.length() - 1)
              + ",'name':'a','inbound_nodes':[[['in',0,0,{}]],[['a',0,0,{}]]]}";
      network = network(inner, called);
    }
    Architecture read =
        Configuration.read(KerasFiles.json(network.replace('\'', '"')), "deep.json", false);
    KnownLayers table = new KnownLayers("deep.json", new Dialect("2.15.0", "", false, false));

    assertThatThrownBy(
            () ->
                NetworkWriter.write(
                    "deep.json",
                    read,
                    table,
                    new IdentityHashMap<>(),
                    NetworkGraph.builder("deep")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("more than 20000 times");
  }

  private static String network(String... layers) {
    return "{'class_name':'Functional','config':{'name':'n','layers':["
        + String.join(",", layers)
        + "],'input_layers':[['in',0,0]],'output_layers':[['a',1,0]]}}";
  }

  @Test
  void anArchitectureThatIsNoneIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.json"), "not json");
    Path list = Files.writeString(folder.resolve("b.json"), "[1, 2]");

    for (Path file : List.of(text, list)) {
      assertThatThrownBy(() -> KerasFiles.withArchitecture(file))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(file.toString());
    }
  }

  /** The names of enc_norm's weights are references of 16 bytes, the first 4 of which are sizes. */
  @Test
  void weightsThatAreListedInAnotherOrderThanTheirNamesTellAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(KerasFiles.resource("unet3.h5"));
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

    assertRefused(Files.write(folder.resolve("a.h5"), bytes), "enc_norm/beta");
  }
}
