package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights.WeightTensor;

class SavedNetworkTest {

  private static final Probes IMAGES = Probes.of(Nd4j.rand(DataType.FLOAT, 3, 2, 8, 8));

  @TempDir Path folder;

  private Path save(Model network) throws IOException {
    Path file = folder.resolve("network.zip");
    ModelSerializer.writeModel(network, file.toFile(), true);
    return file;
  }

  private static void requireSame(Dl4jNetwork actual, Dl4jNetwork expected) {
    ActivationSet a = actual.capture(IMAGES, LayerSelector.all());
    ActivationSet e = expected.capture(IMAGES, LayerSelector.all());
    assertThat(a.layers()).isEqualTo(e.layers());
    for (String layer : e.layers()) {
      assertThat(a.get(layer).values()).as(layer).isEqualTo(e.get(layer).values());
    }
  }

  @Test
  void aSavedGraphAnswersAsTheLiveOne() throws IOException {
    var graph = Dl4jExamples.unet(CNN2DFormat.NHWC);
    Path file = save(graph);

    Dl4jNetwork opened = Dl4jNetwork.open(file);

    assertThat(opened.name()).isEqualTo("network");
    assertThat(opened.provenance().sha256()).hasSize(64);
    assertThat(opened.provenance().notes()).contains("ran in evaluation mode");
    requireSame(opened, Dl4jNetwork.of("live", graph));
  }

  @Test
  void aSavedSequenceAnswersAsTheLiveOne() throws IOException {
    var network = Dl4jExamples.classifier();

    requireSame(Dl4jNetwork.open(save(network)), Dl4jNetwork.of("live", network));
  }

  private static MultiLayerNetwork withoutParameters() {
    return withoutParameters(DataType.FLOAT);
  }

  private static MultiLayerNetwork withoutParameters(DataType type) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(type)
                .list()
                .layer(new SubsamplingLayer.Builder().kernelSize(3, 2).stride(2, 1).build())
                .layer(new Upsampling2D.Builder(2).build())
                .setInputType(InputType.convolutional(8, 8, 2))
                .build());
    network.init();
    return network;
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"DOUBLE", "HALF"})
  void aNetworkWithoutParametersMayBeOfAnyType(DataType type) throws IOException {
    var network = withoutParameters(type);

    requireSame(Dl4jNetwork.open(save(network)), Dl4jNetwork.of("live", network));
  }

  @Test
  void aNetworkWithoutParametersAnswersAsTheLiveOne() throws IOException {
    var network = withoutParameters();
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("image")
                .addLayer("up", new Upsampling2D.Builder(2).build(), "image")
                .addVertex("scaled", new ScaleVertex(3), "up")
                .setOutputs("scaled")
                .build());
    graph.init();

    requireSame(Dl4jNetwork.open(save(network)), Dl4jNetwork.of("live", network));
    requireSame(Dl4jNetwork.open(save(graph)), Dl4jNetwork.of("live", graph));
  }

  @Test
  void parametersThatAreNotThereAtAllAreRefused() throws IOException {
    byte[] none = entry(save(withoutParameters()), "coefficients.bin");
    Path sequence = rewritten(save(Dl4jExamples.classifier()), "coefficients.bin", bytes -> none);
    assertRefused(sequence, "holds no parameters");

    Path graph =
        rewritten(save(Dl4jExamples.unet(CNN2DFormat.NCHW)), "coefficients.bin", bytes -> none);
    assertRefused(graph, "holds no parameters");
  }

  /** What lies there is a Java object, of which nothing is read. */
  @Test
  void aNormaliserThatLiesBesideTheNetworkIsNoted() throws IOException {
    var network = Dl4jExamples.classifier();
    Path file = save(network);
    assertThat(Dl4jNetwork.open(file).provenance().notes())
        .noneMatch(note -> note.contains("normaliser"));
    ModelSerializer.addNormalizerToModel(file.toFile(), new ImagePreProcessingScaler(0, 1));

    assertThat(Dl4jNetwork.open(file).provenance().notes())
        .anyMatch(note -> note.startsWith("was saved with a normaliser (normalizer.bin)"));
  }

  private static byte[] entry(Path archive, String name) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
  }

  private Path rewritten(Path original, String entry, UnaryOperator<byte[]> change)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in =
        new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(original)))) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        entries.put(e.getName(), in.readAllBytes());
      }
    }
    Path file = folder.resolve("changed.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(e.getKey()));
        out.write(e.getKey().equals(entry) ? change.apply(e.getValue()) : e.getValue());
        out.closeEntry();
      }
    }
    return file;
  }

  private void assertRefused(Path file, String... parts) {
    var thrown = assertThatThrownBy(() -> Dl4jNetwork.open(file));
    thrown.isInstanceOf(PalimpsestException.class).hasMessageContaining(file.toString());
    for (String part : parts) {
      thrown.hasMessageContaining(part);
    }
  }

  private Path withConfiguration(String from, String to) throws IOException {
    return rewritten(
        save(Dl4jExamples.classifier()),
        "configuration.json",
        bytes ->
            new String(bytes, StandardCharsets.UTF_8)
                .replace(from, to)
                .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void inputsThatAreRepeatedWithoutEndAreRefused() throws IOException {
    StringBuilder vertices = new StringBuilder();
    StringBuilder inputs = new StringBuilder();
    String before = "enc";
    for (int i = 0; i < 30; i++) {
      String name = "m" + i;
      vertices.append(
          "\"%s\": {\"@class\": \"org.deeplearning4j.nn.conf.graph.MergeVertex\"}, "
              .formatted(name));
      inputs.append("\"%s\": [\"%s\", \"%s\"], ".formatted(name, before, before));
      before = name;
    }
    Path file =
        rewritten(
            save(Dl4jExamples.unet(CNN2DFormat.NCHW)),
            "configuration.json",
            bytes ->
                new String(bytes, StandardCharsets.UTF_8)
                    .replaceFirst("(\"vertices\"\\s*:\\s*\\{)", "$1" + vertices)
                    .replaceFirst("(\"vertexInputs\"\\s*:\\s*\\{)", "$1" + inputs)
                    .getBytes(StandardCharsets.UTF_8));

    assertRefused(file, "again and again");
  }

  @Test
  void classesThatAreNotDl4jsAreNotLoaded() throws IOException {
    Path file =
        withConfiguration(
            "org.deeplearning4j.nn.conf.layers.DenseLayer", "javax.script.ScriptEngineManager");

    assertRefused(file, "javax.script.ScriptEngineManager");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"weightInitFn\" : {\"@class\" : \"org.deeplearning4j.nn.weights.WeightInitDistribution\","
            + " \"distribution\" : {\"type\" : \"javax.script.ScriptEngineManager\"}}, \"unused\" :"
            + " {",
        "\"weightInitFn\" : [\"javax.script.ScriptEngineManager\", {}], \"unused\" : {",
        "\"weightInit\" : \"DISTRIBUTION\", \"dist\" : [\"javax.script.ScriptEngineManager\", {}],"
            + " \"unused\" : {",
        "\"weightInitFn\" : {\"@class\" : \"javax.script.ScriptEngineManager\"}, \"weightInitFn\" :"
            + " {",
        "\"weightInitFn\" : {\"@class\" : \"javax.script.ScriptEngineManager\", "
      })
  void aClassIsNotLoadedFromWhereverItIsNamed(String weightInit) throws IOException {
    assertRefused(withConfiguration("\"weightInitFn\" : {", weightInit), "configuration");
  }

  @Test
  void whatFollowsTheConfigurationIsRefused() throws IOException {
    assertRefused(
        rewritten(
            save(Dl4jExamples.classifier()),
            "configuration.json",
            bytes ->
                (new String(bytes, StandardCharsets.UTF_8) + "{}")
                    .getBytes(StandardCharsets.UTF_8)),
        "configuration.json");
  }

  @Test
  void configurationsOfTheFirstReleasesAreRefused() throws IOException {
    assertRefused(
        withConfiguration("\"@class\" : \"org.deeplearning4j.nn.conf.layers", "\"name\" : \"x"),
        "before 1.0.0-beta");
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE", "HALF", "BFLOAT16"})
  void parametersOfEveryTypeAreReadExactly(DataType type) throws IOException {
    MultiLayerNetwork network = Dl4jExamples.recurrent().convertDataType(type);

    Dl4jNetwork opened = Dl4jNetwork.open(save(network));

    assertThat(opened.weights().tensors().stream().map(WeightTensor::values).toList())
        .isEqualTo(
            Dl4jNetwork.of("live", network).weights().tensors().stream()
                .map(WeightTensor::values)
                .toList());
  }

  @Test
  void aLayerThatClaimsToBeHugeIsRefusedBecauseItsParametersAreNotThere() throws IOException {
    assertRefused(withConfiguration("\"nout\" : 7", "\"nout\" : 700000000"));
  }

  @Test
  void brokenJsonIsRefused() throws IOException {
    assertRefused(withConfiguration("{", "["), "configuration.json");
  }

  @Test
  void aLengthThatLiesIsRefused() throws IOException {
    Path file =
        rewritten(
            save(Dl4jExamples.classifier()),
            "coefficients.bin",
            bytes -> {
              byte[] changed = bytes.clone();
              int values = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("LONG_SHAPE");
              int mixed =
                  new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("MIXED_DATA_TYPES");
              int length = mixed > values ? mixed + 16 : values + 10;
              changed[length + 2] = 0x7f;
              return changed;
            });

    assertRefused(file, "coefficients.bin");
  }

  @Test
  void parametersThatWereCutOffAreRefused() throws IOException {
    Path file =
        rewritten(
            save(Dl4jExamples.classifier()),
            "coefficients.bin",
            bytes -> Arrays.copyOf(bytes, bytes.length - 5));

    assertRefused(file, "coefficients.bin");
  }

  @Test
  void aFlippedBitIsNoticedByTheChecksum() throws IOException {
    Path file = save(Dl4jExamples.classifier());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);

    assertRefused(file);
  }

  @Test
  void filesOfAnotherKindAreRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.zip"), "not an archive at all");
    Path empty = Files.writeString(folder.resolve("b.zip"), "");
    Path other = rewritten(save(Dl4jExamples.classifier()), "none", UnaryOperator.identity());
    byte[] whole = Files.readAllBytes(other);
    Path truncated = Files.write(folder.resolve("c.zip"), Arrays.copyOf(whole, whole.length / 2));
    Path foreign = folder.resolve("d.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(foreign))) {
      out.putNextEntry(new ZipEntry("readme.txt"));
      out.closeEntry();
    }

    assertRefused(text, "archive");
    assertRefused(empty, "empty");
    assertRefused(truncated, "truncated");
    assertRefused(foreign, "configuration.json");
    assertRefused(folder.resolve("none.zip"), "does not exist");
    assertRefused(folder, "folder");
  }

  private Path changed(Model network, String pattern, String to) throws IOException {
    return rewritten(
        save(network),
        "configuration.json",
        bytes ->
            new String(bytes, StandardCharsets.UTF_8)
                .replaceFirst(pattern, to)
                .getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "confs, paddng, MultiLayerConfiguration",
    "seed, layrs, NeuralNetConfiguration",
    "stride, paddng, ConvolutionLayer",
    "stride, activation, ConvolutionLayer",
    "alpha, slope, ActivationLReLU"
  })
  void settingsThatDl4jWouldPassOverAreRefused(String before, String unknown, String owner)
      throws IOException {
    Model network = Dl4jExamples.classifier();
    String place = "\"%s\"\\s*:".formatted(before);

    Path file = changed(network, place, "\"%s\" : [ 1, 1 ], $0".formatted(unknown));

    assertRefused(file, "'%s' of %s".formatted(unknown, owner));
    Dl4jNetwork.open(changed(network, place, "\"%s\" : null, $0".formatted(unknown)));
  }

  @ParameterizedTest
  @CsvSource({"stride, null", "stride, [2]", "dilation, null"})
  void aLayerWithoutANeededSettingIsNamedWithItsSettings(String setting, String value)
      throws IOException {
    Path file =
        changed(
            Dl4jExamples.classifier(),
            "\"%s\"\\s*:\\s*\\[[^\\]]*\\]".formatted(setting),
            "\"%s\" : %s".formatted(setting, value));

    assertThatThrownBy(() -> Dl4jNetwork.open(file).capture(IMAGES, LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer 'layer0' (ConvolutionLayer)")
        .hasMessageContaining("%s = %s".formatted(setting, value));
  }

  @Test
  void anInputAndAVertexOfOneNameAreRefused() throws IOException {
    Path file =
        changed(
            Dl4jExamples.unet(CNN2DFormat.NCHW),
            "(\"vertices\"\\s*:\\s*\\{)",
            "$1 \"image\" : {\"@class\" : \"org.deeplearning4j.nn.conf.graph.MergeVertex\"},");

    assertRefused(file, "an input and a vertex by the same name, 'image'");
  }
}
