package org.palimpsest.io.internal.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Networks with weights that a formula makes, held against what PyTorch gave with the same weights:
 * {@code make_golden_networks.py} has both.
 */
class GoldenNetworksTest {

  private static final double BOUND = 1e-5;

  private static JsonNode golden(String name) throws IOException {
    return networks("golden_networks.json").path(name);
  }

  private static JsonNode networks(String file) throws IOException {
    try (InputStream resource =
        GoldenNetworksTest.class.getResourceAsStream("/architectures/" + file)) {
      return new ObjectMapper().readTree(resource);
    }
  }

  /** Of {@code make_monai_factories.py}. */
  static Stream<Named<JsonNode>> ofMonaisFactories() throws IOException {
    JsonNode networks = networks("monai_factories.json");
    List<Named<JsonNode>> named = new ArrayList<>();
    networks
        .fields()
        .forEachRemaining(network -> named.add(Named.of(network.getKey(), network.getValue())));
    assertThat(named).hasSize(35);
    return named.stream();
  }

  @ParameterizedTest
  @MethodSource("ofMonaisFactories")
  void everyNormalisationAndActivationOfMonaiIsAsPythonsHooksSeeIt(JsonNode network) {
    assertSame("", network);
  }

  @ParameterizedTest
  @ValueSource(strings = "resnet18")
  void layersAreAsPythonsHooksSeeThem(String name) throws IOException {
    assertSame(name);
  }

  /** Their weights take long to make and to load. */
  @ParameterizedTest
  @EnabledIfSystemProperty(named = "golden", matches = "all")
  @ValueSource(
      strings = {
        "resnext50",
        "fcn_resnet50",
        "deeplabv3_resnet50",
        "Unet",
        "UnetPlusPlus",
        "FPN",
        "Linknet",
        "PSPNet",
        "DeepLabV3",
        "DeepLabV3Plus",
        "BasicUNet",
        "MAnet"
      })
  void soAreThoseOfLargerNetworks(String name) throws IOException {
    assertSame(name);
  }

  private static void assertSame(String name) throws IOException {
    assertSame(name, golden(name));
  }

  private static void assertSame(String name, JsonNode golden) {
    NetworkGraph graph = graph(golden);
    if (name.startsWith("fcn")) {
      assertThat(graph.provenance().notes())
          .contains("not run, as aux_loss is not true: aux_classifier");
    }
    long size = golden.path("size").asLong();
    ActivationSet captured;
    try (TorchScriptNetwork network = TorchScriptNetwork.open(graph, RunLimits.withDefaults())) {
      captured = network.capture(Probes.of(array("probe", 2, 3, size, size)), LayerSelector.all());
    }
    JsonNode layers = golden.path("layers");
    List<String> compared = new ArrayList<>();
    for (String layer : captured.layers()) {
      JsonNode expected = layers.path(layer.startsWith("output") ? "output" : layer);
      if (expected.isMissingNode()) { // hooks of a backbone hear a dictionary
        continue;
      }
      assertSame(layer, captured.get(layer).values().castTo(DataType.DOUBLE), expected);
      compared.add(layer);
    }
    assertThat(compared.size()).isGreaterThanOrEqualTo(layers.size() * 9 / 10);
  }

  private static void assertSame(String layer, INDArray values, JsonNode expected) {
    List<Long> shape = new ArrayList<>();
    expected.path(0).forEach(extent -> shape.add(extent.asLong()));
    assertThat(Arrays.stream(values.shape()).boxed()).as(layer).containsExactlyElementsOf(shape);
    double largest = expected.path(2).asDouble();
    var tolerance = within(BOUND * largest);
    assertThat(values.meanNumber().doubleValue())
        .as("mean of %s", layer)
        .isCloseTo(expected.path(1).asDouble(), tolerance);
    assertThat(values.amaxNumber().doubleValue()).as(layer).isCloseTo(largest, tolerance);
    double[] flat = values.dup('c').data().asDouble();
    int[] places = {0, flat.length / 3, flat.length / 2, flat.length - 1};
    for (int i = 0; i < places.length; i++) {
      assertThat(flat[places[i]])
          .as("%s at %d", layer, places[i])
          .isCloseTo(expected.path(3 + i).asDouble(), tolerance);
    }
  }

  private static NetworkGraph graph(JsonNode golden) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    golden
        .path("tensors")
        .fields()
        .forEachRemaining(tensor -> add(tensor.getKey(), extents(tensor.getValue()), tensors));
    golden
        .path("norms")
        .fields()
        .forEachRemaining(
            norm -> {
              for (String tensor : List.of("weight", "bias", "running_mean", "running_var")) {
                add(norm.getKey() + "." + tensor, List.of(norm.getValue().asLong()), tensors);
              }
            });
    TensorStock stock = TensorStock.of("golden", tensors);
    Blueprint network = Architectures.read(golden.path("architecture"), "golden.json");
    GraphBuilder graph = NetworkGraph.builder("golden");
    Scope root = Scope.root(graph, stock, "");
    List<Extent> images = new ArrayList<>(List.of(Extent.any(), Extent.of(network.inputs(root))));
    images.addAll(Collections.nCopies(network.axes(), Extent.any()));
    network.build(root, graph.input(ElementType.FLOAT32, images));
    stock.requireAllTaken("");
    return graph.build(new Provenance("golden", "0".repeat(64), List.of()));
  }

  private static List<Long> extents(JsonNode shape) {
    List<Long> extents = new ArrayList<>();
    shape.forEach(extent -> extents.add(extent.asLong()));
    return extents;
  }

  private static void add(String name, List<Long> shape, Map<String, StoredTensor> tensors) {
    long[] extents = shape.stream().mapToLong(Long::longValue).toArray();
    tensors.put(name, StoredTensor.ofFloats(name, shape, values(name, extents)));
  }

  private static INDArray array(String name, long... shape) {
    return Nd4j.create(values(name, shape)).reshape('c', shape);
  }

  private static float[] values(String name, long... shape) {
    long inputs = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
    float[] values = new float[Math.toIntExact(shape[0] * inputs)];
    long seed = seed(name);
    double gain = Math.sqrt(4.0 / inputs);
    for (int i = 0; i < values.length; i++) {
      double number = number(seed, i) / 1000.0;
      if (shape.length > 1) {
        values[i] = (float) (number * gain);
      } else if (name.endsWith("running_var")) {
        values[i] = (float) (1.0 + 0.3 * number);
      } else if (name.endsWith("weight")) {
        values[i] = (float) (1.0 + 0.2 * number);
      } else {
        values[i] = (float) (0.1 * number);
      }
    }
    return values;
  }

  private static long seed(String name) {
    CRC32 sum = new CRC32();
    sum.update(name.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }

  /** A whole number from -1000 to 1000. */
  private static double number(long seed, int index) {
    long mask = 0xFFFFFFFFL;
    long x = (seed + index * 2654435761L) & mask;
    x ^= x >>> 15;
    x = (x * 0x85EBCA6BL) & mask;
    x ^= x >>> 13;
    return x % 2001 - 1000;
  }
}
