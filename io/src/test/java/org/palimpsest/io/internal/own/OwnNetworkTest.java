package org.palimpsest.io.internal.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

class OwnNetworkTest {

  private static final double BOUND = 1e-5;

  @TempDir private Path folder;

  private Path copy(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream resource = OwnNetworkTest.class.getResourceAsStream("/own/" + name)) {
      Files.write(file, resource.readAllBytes());
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"attention", "odd", "volume"})
  void layersAreAsPythonsHooksSeeThem(String name) throws IOException {
    ActivationSet hooked = Dumps.open(copy(name + ".npz"));
    NetworkOptions options = NetworkOptions.none().withArchitecture(copy(name + ".json"));
    ActivationSet captured =
        FrontEnds.of(copy(name + ".pth"), options)
            .orElseThrow()
            .open(RunLimits.withDefaults())
            .capture(Probes.of(hooked.get("probe").values()), LayerSelector.all());
    for (String layer : hooked.layers()) {
      if (!layer.equals("probe")) {
        var expected = hooked.get(layer).values().castTo(DataType.FLOAT);
        double scale = Math.max(1, expected.amaxNumber().doubleValue());
        assertThat(captured.get(layer).values().sub(expected).amaxNumber().doubleValue())
            .as(layer)
            .isCloseTo(0, within(BOUND * scale));
      }
    }
    assertThat(captured.layers()).hasSize(hooked.layers().size() - 1);
  }

  /** Weights of a convolution from 2 to 4 channels, of one from 4 to 2, and of a norm. */
  private static TensorStock weights() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("a.weight", zeros(4, 2, 3, 3));
    tensors.put("a.bias", zeros(4));
    tensors.put("b.weight", zeros(2, 4, 1, 1));
    return TensorStock.of("weights.pth", tensors);
  }

  private static StoredTensor zeros(long... shape) {
    long elements = 1;
    List<Long> extents = new ArrayList<>();
    for (long extent : shape) {
      elements *= extent;
      extents.add(extent);
    }
    return StoredTensor.ofFloats("zeros", extents, new float[(int) elements]);
  }

  private static NetworkGraph build(String rest) throws JsonProcessingException {
    String text = "{'input': {'channels': 2, 'axes': 2}, " + rest + "}";
    var description = new ObjectMapper().readTree(text.replace('\'', '"'));
    TensorStock stock = weights();
    GraphBuilder graph = NetworkGraph.builder("weights.pth");
    var images = graph.input(ElementType.FLOAT32);
    OwnNetwork.of(description, "net.json").build(Scope.root(graph, stock, ""), images);
    stock.requireAllTaken("");
    return graph.build(new Provenance("weights.pth", "0".repeat(64), List.of()));
  }

  /** What a network without weights gives for 0 to 29 as 5 rows of 6. */
  private static INDArray given(String steps) throws JsonProcessingException {
    String text = "{'input': {'channels': 1, 'axes': 2}, 'steps': [%s]}".formatted(steps);
    GraphBuilder graph = NetworkGraph.builder("weights.pth");
    TensorStock none = TensorStock.of("weights.pth", Map.of());
    OwnNetwork.of(new ObjectMapper().readTree(text.replace('\'', '"')), "net.json")
        .build(Scope.root(graph, none, ""), graph.input(ElementType.FLOAT32));
    NetworkGraph built = graph.build(new Provenance("weights.pth", "0".repeat(64), List.of()));
    try (TorchScriptNetwork network = TorchScriptNetwork.open(built, RunLimits.withDefaults())) {
      return network
          .capture(Probes.of(Nd4j.arange(30).reshape(1, 1, 5, 6)), LayerSelector.of("output"))
          .get("output")
          .values();
    }
  }

  private static final String SMALLER =
      "{'function': 'max_pool2d', 'kernel_size': 4, 'stride': 1, 'as': 'small'}, ";

  /** Three rows and columns are cut: one and two, or all at one end. */
  @ParameterizedTest
  @CsvSource({"centre, 1", "start, 0", "end, 3"})
  void imagesAreCroppedToTheSizeOfOthers(String kept, int first) throws JsonProcessingException {
    INDArray cropped =
        given(
            SMALLER
                + "{'function': 'crop_to', 'from': ['input', 'small'], 'keep': '%s'}"
                    .formatted(kept));

    assertThat(cropped.shape()).containsExactly(1, 1, 2, 3);
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        assertThat(cropped.getDouble(0, 0, row, column))
            .isEqualTo(6 * (first + row) + first + column);
      }
    }
  }

  /** The greatest of each 4 × 4 values stands at its end. */
  @ParameterizedTest
  @CsvSource({"both, 1", "start, 3", "end, 0"})
  void imagesArePaddedToTheSizeOfOthers(String side, int before) throws JsonProcessingException {
    INDArray padded =
        given(
            SMALLER
                + "{'function': 'pad_to', 'from': ['small', 'input'], 'side': '%s', 'value': -1}"
                    .formatted(side));

    assertThat(padded.shape()).containsExactly(1, 1, 5, 6);
    for (int row = 0; row < 5; row++) {
      for (int column = 0; column < 6; column++) {
        int y = row - before;
        int x = column - before;
        boolean within = y >= 0 && y < 2 && x >= 0 && x < 3;
        assertThat(padded.getDouble(0, 0, row, column))
            .isEqualTo(within ? 6 * (y + 3) + x + 3 : -1);
      }
    }
  }

  /** What is larger is cut, as by negative padding. */
  @Test
  void paddingToTheSizeOfSmallerImagesCuts() throws JsonProcessingException {
    INDArray cut =
        given(SMALLER + "{'function': 'pad_to', 'from': ['input', 'small'], 'side': 'end'}");

    assertThat(cut.ravel().toDoubleVector()).containsExactly(0, 1, 2, 6, 7, 8);
  }

  private static final String A = "{'module': 'a', 'type': 'Conv2d', 'padding': 1}";
  private static final String B = "{'module': 'b', 'type': 'Conv2d'}";

  @Test
  void aModuleThatIsCalledAgainIsAnotherLayer() throws JsonProcessingException {
    NetworkGraph graph =
        build(
            "'steps': [{'repeat': {'n': [1, 2]}, 'steps': [%s, %s, {'module': 'act', 'type': 'ReLU'}]}]"
                .formatted(A, B));
    assertThat(graph.layers()).containsExactly("a", "b", "act", "a#2", "b#2", "act#2");
  }

  @Test
  void defaultsThatNoTensorShowsAreNoted() throws JsonProcessingException {
    String steps = "'steps': [%s, {'module': 'act', 'type': 'LeakyReLU'}, %s]".formatted(A, B);
    assertThat(build(steps).provenance().notes())
        .anyMatch(note -> note.contains("negative_slope of LeakyReLU is 0.01"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'module': 'a', 'type': 'Conv2d', 'padding': 1, 'strides': 2}, B | 'strides'",
        "{'module': 'a', 'type': 'Conv3d'}, B | Conv2d",
        "{'module': 'a', 'type': 'Conv2d', 'groups': 2}, B | 'a' has the shape [4, 2, 3, 3]",
        "{'module': 'a', 'type': 'Conv2d', 'bias': false}, B | have 'a.bias'",
        "{'module': 'a', 'type': 'Convolution'}, B | README.md",
        "{'type': 'Conv2d'}, B | lacks 'module'",
        "A, {'function': 'cat', 'from': ['skip', 'previous']}, B | takes 'skip'",
        "A, {'function': 'cat', 'from': ['input', 'previous']}, B | does not fit 6 channels",
        "A, {'function': 'relu', 'module': 'b'}, B | a function is no module",
        "A, {'function': 'add', 'from': ['input', 'previous']}, B | images of 2 and of 4 channels",
        "A | no place for: b.weight",
        "A, B, {'module': 'c', 'type': 'Conv2d'} | no tensor 'c.weight'",
        "A, {'module': '{n}', 'type': 'Conv2d'} | '{n}'",
        "A, {'module': 'b', 'type': 'Conv2d', 'TODO': 'stride'} | not settled; 1 mark is open: b Conv2d: stride",
        "A, B, {'module': 'n', 'type': 'GroupNorm', 'num_groups': 3} | a divisor of its 2 channels",
        "A, B, {'module': 'n', 'type': 'BatchNorm2d'} | no running_mean",
        "A, B, {'module': 'u', 'type': 'Upsample'} | 'size' or 'scale_factor'",
        "A, B, {'block': 'x'} | 'block'",
        "A, B, {'type': 'ReLU', 'function': 'relu'} | [type, function]",
        "A, {'repeat': {'n': [1, 2], 'm': [1]}, 'steps': [B]} | equal lengths",
        "A, {'sequence': [{'function': 'relu'}]}, B | a type, a block or a sequence",
        "{'module': 'a', 'type': 'Conv2d', 'padding': 1, 'also': 'x'}, B | 'also' is \"x\"",
        "A, B, {'module': 'f', 'type': 'LeakyReLU', 'negative_slope': 1e400} | a finite number",
      })
  void whatIsNotKnownOrDoesNotFitIsRefusedByName(String steps, String message) {
    String text = steps.replaceAll("\\bA\\b", A).replaceAll("\\bB\\b", B);
    assertThatThrownBy(() -> build("'steps': [" + text + "]"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'blocks': {'x': {'steps': [{'block': 'x'}]}}, 'steps': [{'block': 'x'}] | calls itself",
        "'blocks': {'x': {'steps': [A]}}, 'steps': [A, B] | no step calls",
        "'blocks': {'x': {'steps': [A, B]}}, 'steps': [{'block': 'x', 'with': {'n': 1}}] | 'with'",
        "'blocks': {'x': {'steps': [A, B]}}, 'steps': [{'block': 'x', 'from': ['input', 'input']}]"
            + " | 'from'",
        "'blocks': {'x': {'steps': [A], 'tkes': []}}, 'steps': [{'block': 'x'}, B] | 'tkes'",
        "'blocks': [], 'steps': [A, B] | 'blocks'",
        "'steps': [A, B], 'unused': 'b' | 'unused'",
        "'blocks': {'x': {'steps': [A, B]}}, 'steps': [{'block': 'x', 'with': 'n'}] | 'with'",
        "'steps': [A, B], 'output': 'x' | takes 'x'",
        "'steps': [A, B], 'outputs': 'x' | 'outputs'",
        "'steps': [A], 'unused': ['c'] | has none",
      })
  void aDescriptionThatIsNotSoundIsRefused(String rest, String message) {
    String text = rest.replaceAll("\\bA\\b", A).replaceAll("\\bB\\b", B);
    assertThatThrownBy(() -> build(text))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(message);
  }

  @Test
  void stepsThatMultiplyAreCounted() {
    StringBuilder blocks = new StringBuilder("'z': {'steps': [{'function': 'relu'}]}");
    for (char name = 'y'; name > 'e'; name--) {
      String inner = "{'block': '%c'}".formatted(name + 1);
      blocks.append(", '%c': {'steps': [%s, %s]}".formatted(name, inner, inner));
    }
    assertThatThrownBy(() -> build("'blocks': {%s}, 'steps': [{'block': 'f'}]".formatted(blocks)))
        .hasMessageContaining("more than 20000 steps");
  }

  @Test
  void whatIsNotRunAndSeveralOutputsAreNamed() throws JsonProcessingException {
    NetworkGraph graph =
        build(
            "'steps': [{'module': 'a', 'type': 'Conv2d', 'as': 'x'}, {'function': 'relu'}],"
                + " 'unused': ['b'], 'output': {'raw': 'x', 'out': 'previous'}");
    assertThat(graph.provenance().notes()).anyMatch(note -> note.contains("'b' is not run"));
    assertThat(graph.outputs())
        .extracting(NetworkGraph.Output::label)
        .containsExactly("raw", "out");
  }
}
