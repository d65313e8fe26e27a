package org.palimpsest.io.internal.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

class Pt2NetworkTest {

  private static final double BOUND = 1e-5;

  @TempDir private Path folder;

  private ActivationSet capture(Path file, INDArray probes) {
    try (ActivationSource source = Inputs.network(file)) {
      return source.capture(Probes.of(probes), LayerSelector.all());
    }
  }

  /** What the hooks saw, with the results under the names that they have here. */
  private void assertAsHooked(String file, String truth, String output) throws IOException {
    ActivationSet hooked = Dumps.open(Pt2Files.copy(truth + ".npz", folder));
    ActivationSet captured = capture(Pt2Files.copy(file, folder), hooked.get("probe").values());
    List<String> expected = new ArrayList<>();
    for (String layer : hooked.layers()) {
      if (!layer.equals("probe")) {
        String name = layer.startsWith("result") ? output + layer.substring(6) : layer;
        expected.add(name);
        INDArray seen = hooked.get(layer).values().castTo(DataType.FLOAT);
        double scale = Math.max(1, seen.amaxNumber().doubleValue());
        double difference = captured.get(name).values().sub(seen).amaxNumber().doubleValue();
        assertThat(difference / scale).as(name).isCloseTo(0, within(BOUND));
      }
    }
    assertThat(captured.layers()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"net.pt2", "net_28.pt2", "net_flat.pt2"})
  void layersAreAsPythonsHooksSeeThem(String file) throws IOException {
    assertAsHooked(file, "net", "network_output");
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd.pt2", "odd_28.pt2", "odd_flat.pt2"})
  void viewsSharedTensorsConstantsAndChangedBuffersAreRight(String file) throws IOException {
    assertAsHooked(file, "odd", "output");
  }

  private static void change(ObjectNode program, String operator, Consumer<ObjectNode> change) {
    for (JsonNode node : program.at("/graph_module/graph/nodes")) {
      if (node.path("target").asText().contains("." + operator + ".")) {
        change.accept((ObjectNode) node);
      }
    }
  }

  /** PyTorch 2.1 writes an empty list of whole numbers as one of truth values. */
  @Test
  void emptyListsOfOldReleasesAreOfWholeNumbers() throws IOException {
    Path old =
        Pt2Files.edited(
            "net",
            program ->
                change(
                    program,
                    "max_pool2d",
                    node -> {
                      ObjectNode stride = (ObjectNode) node.at("/inputs/2");
                      stride.putObject("arg").putArray("as_bools");
                    }),
            folder);
    assertSame(old, "net");
  }

  /** PyTorch 2.1 writes {@code 1 - x} as an operator of tensors whose first one is a number. */
  @Test
  void aNumberMayStandWhereATensorIsSubtractedFrom() throws IOException {
    Path old =
        Pt2Files.edited(
            "odd",
            program ->
                change(
                    program,
                    "rsub",
                    node -> {
                      JsonNode tensor = node.at("/inputs/0/arg");
                      node.put("target", "torch.ops.aten.sub.Tensor");
                      ArrayNode inputs = node.putArray("inputs");
                      inputs.addObject().put("name", "self").putObject("arg").put("as_float", 1.0);
                      inputs.addObject().put("name", "other").set("arg", tensor);
                      inputs.addObject().put("name", "alpha").putObject("arg").put("as_int", 1);
                    }),
            folder);
    assertSame(old, "odd");
  }

  @ParameterizedTest
  @ValueSource(strings = {"net", "odd"})
  void argumentsWithNamesMayComeInAnyOrder(String name) throws IOException {
    Path reversed =
        Pt2Files.edited(
            name,
            program ->
                program
                    .at("/graph_module/graph/nodes")
                    .forEach(
                        node -> {
                          ArrayNode inputs = (ArrayNode) node.path("inputs");
                          if (node.path("target").asText().startsWith("torch.ops.aten.")) {
                            for (int i = 0; i < inputs.size(); i++) {
                              inputs.insert(i, inputs.remove(inputs.size() - 1));
                            }
                          }
                        }),
            folder);
    assertSame(reversed, name);
  }

  private void assertSame(Path edited, String program) throws IOException {
    INDArray probes = Dumps.open(Pt2Files.copy(program + ".npz", folder)).get("probe").values();
    ActivationSet expected = capture(Pt2Files.copy(program + ".pt2", folder), probes);
    ActivationSet captured = capture(edited, probes);
    assertThat(captured.layers()).isEqualTo(expected.layers());
    for (String layer : expected.layers()) {
      assertThat(captured.get(layer).values()).isEqualTo(expected.get(layer).values());
    }
  }

  @Test
  void longNamesThatBeginAlikeStayApart() throws IOException {
    String begin = "x".repeat(400);
    Map<String, byte[]> entries = new LinkedHashMap<>(Pt2Files.entries("net.pt2"));
    entries.replaceAll(
        (name, content) ->
            name.endsWith(".json")
                ? new String(content, StandardCharsets.UTF_8)
                    .replaceAll("\\bstages\\b|(?<=_)stages(?=_)", begin + "stages")
                    .getBytes(StandardCharsets.UTF_8)
                : content);
    ActivationSet renamed =
        capture(
            Pt2Files.write(entries, folder.resolve("long.pt2")),
            Nd4j.rand(DataType.FLOAT, 2, 1, 8, 8));
    assertThat(renamed.layers())
        .contains(begin + "stages.0.conv", begin + "stages.1.conv", begin + "stages.1");
  }

  @Test
  void layersWhoseResultTheFileDoesNotTellAreLeftOut() throws IOException {
    INDArray probes = Nd4j.rand(DataType.FLOAT, 2, 3, 8, 10);
    Path stash = Pt2Files.copy("stash.pt2", folder);
    assertThat(capture(stash, probes).layers()).contains("b.c", "b.p", "d").doesNotContain("b");
    Path returned = Pt2Files.copy("returned.pt2", folder);
    ActivationSet captured = capture(returned, probes);
    assertThat(captured.layers()).contains("1").doesNotContain("0");
    assertThat(captured.provenance().toString()).contains("left out, since the file does not tell");
  }

  /** As PyTorch 2.4 writes an activation that is called twice, the second time on its result. */
  @Test
  void callsInARowThatOldReleasesDoNotTellApartAreLeftOut() throws IOException {
    Path old = Pt2Files.edited("net", Pt2NetworkTest::repeatFirstActivation, folder);
    ActivationSet captured = capture(old, Nd4j.rand(DataType.FLOAT, 2, 1, 8, 8));
    assertThat(captured.layers())
        .contains("stages.1.conv", "stages.1", "stages.0.act")
        .doesNotContain("stages.1.act");
    assertThat(captured.provenance().toString())
        .contains("left out, since the file does not tell", "stages.1.act");
  }

  private static void repeatFirstActivation(ObjectNode program) {
    ((ObjectNode) program.path("schema_version")).put("major", 5);
    ArrayNode nodes = (ArrayNode) program.at("/graph_module/graph/nodes");
    int at = 0;
    while (!nodes.get(at).path("target").asText().startsWith("torch.ops.aten.relu")) {
      at++;
    }
    ObjectNode first = nodes.get(at).deepCopy();
    ObjectNode values = (ObjectNode) program.at("/graph_module/graph/tensor_values");
    values.set("again", values.get(first.at("/outputs/0/as_tensor/name").asText()).deepCopy());
    ((ObjectNode) first.at("/outputs/0/as_tensor")).put("name", "again");
    ((ObjectNode) nodes.get(at).at("/inputs/0/arg/as_tensor")).put("name", "again");
    nodes.insert(at, first);
  }

  @Test
  void aSizeThatMayChangeMayBeAnother() throws IOException {
    assertAsHooked("sizes.pt2", "sizes", "output");
    Path file = Pt2Files.copy("sizes.pt2", folder);
    ActivationSet other = capture(file, Nd4j.rand(DataType.FLOAT, 5, 1, 10, 8));
    assertThat(other.get("0").values().shape()).containsExactly(5, 2, 10, 8);
    assertThatThrownBy(() -> capture(file, Nd4j.rand(DataType.FLOAT, 5, 1, 7, 8)))
        .hasMessageContainingAll("multiples of 2", "these have the shape [5, 1, 7, 8]");
    assertThatThrownBy(() -> capture(file, Nd4j.rand(DataType.FLOAT, 5, 1, 6, 9)))
        .hasMessageContaining("takes probes of the shape")
        .hasMessageContaining("these have the shape [5, 1, 6, 9]");
  }

  /** Which result of a module it is, or which one of its operator where the file tells no more. */
  @Test
  void oneOfSeveralResultsIsNamedSo() throws IOException {
    ActivationSet hooked = Dumps.open(Pt2Files.copy("several.npz", folder));
    ActivationSet captured =
        capture(Pt2Files.copy("several.pt2", folder), hooked.get("probe").values());
    Map<String, String> others =
        Map.of("halves/chunk[0]", "halves[0]", "largest/max[0]", "largest");
    for (String layer : captured.layers()) {
      String same = layer.equals("output") ? "result" : others.getOrDefault(layer, layer);
      INDArray seen = hooked.get(same).values();
      assertThat(captured.get(layer).values().sub(seen).amaxNumber().doubleValue())
          .as(layer)
          .isCloseTo(0, within(BOUND));
    }
    assertThat(captured.layers())
        .containsExactlyInAnyOrder(
            "norm",
            "pool[0]",
            "pool[1]",
            "unpool",
            "bare",
            "both[0]",
            "attention[0]",
            "weights[1]",
            "halves/chunk[0]",
            "largest/max[0]",
            "output");
    assertThat(captured.provenance().toString()).contains("both[1][1]", "gru[1]", "state[1][0]");
  }

  /** Three slices at a time: no probe is shown alone, nor two. */
  @Test
  void aNumberOfProbesThatIsAMultipleIsShownSo() throws IOException {
    assertAsHooked("threes.pt2", "threes", "output");
    Path file = Pt2Files.copy("threes.pt2", folder);
    assertThatThrownBy(() -> capture(file, Nd4j.rand(DataType.FLOAT, 4, 1, 5, 5)))
        .hasMessageContainingAll("multiples of 3 probes at once", "4 cannot be shown so");
  }

  /** The file says [1, 1, n, 3] of states that are [1, n, 3], and so of what follows from them. */
  @Test
  void statesOfWhichTheFileTellsAnAxisTooManyAreThoseOfPyTorch() throws IOException {
    ActivationSet hooked = Dumps.open(Pt2Files.copy("states.npz", folder));
    ActivationSet captured =
        capture(Pt2Files.copy("states.pt2", folder), hooked.get("probe").values());
    INDArray seen = hooked.get("head").values();
    assertThat(captured.get("head").values().sub(seen).amaxNumber().doubleValue())
        .isCloseTo(0, within(BOUND));
    assertThat(captured.get("output").values()).isEqualTo(captured.get("head").values());
  }

  @Test
  void aMultipleOfATensorMayBeTakenFromANumber() throws IOException {
    assertAsHooked("taken.pt2", "taken", "output");
  }

  /** Decomposed, both are normalisation of a batch. */
  @Test
  void normalisationOfEachProbeIsNotTakenForThatOfABatch() throws IOException {
    assertAsHooked("eachself.pt2", "eachself", "output");
    assertThat(notes("eachself.pt2")).noneMatch(note -> note.contains("normalisation"));
    assertThat(notes("together.pt2"))
        .contains(
            "batch normalisation without statistics of its own uses the statistics of the probes"
                + " that are shown at once, not those of the training");
  }

  private List<String> notes(String name) throws IOException {
    try (ActivationSource source = Inputs.network(Pt2Files.copy(name, folder))) {
      return source.provenance().notes();
    }
  }

  /** Where that is so, one probe is enough to learn the shapes of layers. */
  @Test
  void theProgramTellsThatSamplesStandFirst() throws IOException {
    assertThat(samplesStandFirst(Pt2Files.copy("sizes.pt2", folder))).isTrue();
    Path moved =
        Pt2Files.edited(
            "sizes",
            program ->
                change(
                    program,
                    "conv2d",
                    node -> {
                      String result = node.at("/outputs/0/as_tensor/name").asText();
                      JsonNode values = program.at("/graph_module/graph/tensor_values");
                      ((ArrayNode) values.path(result).path("sizes"))
                          .set(0, values.path(result).path("sizes").get(1));
                    }),
            folder);
    assertThat(samplesStandFirst(moved)).isFalse();
    assertThat(samplesStandFirst(Pt2Files.copy("net.pt2", folder))).isFalse();
  }

  private static boolean samplesStandFirst(Path file) {
    try (OpenGraph open = new Pt2Reader().open(file, NetworkOptions.none())) {
      return open.graph().samplesFirst();
    }
  }

  @Test
  void theNumberOfProbesAtOnceIsThatOfTheExport() throws IOException {
    Path file = Pt2Files.copy("net.pt2", folder);
    INDArray probes = Nd4j.rand(DataType.FLOAT, 4, 1, 8, 8);
    INDArray all = capture(file, probes).get("output").values();
    INDArray some = capture(file, probes.get(NDArrayIndex.interval(2, 4))).get("output").values();
    assertThat(all.get(NDArrayIndex.interval(2, 4))).isEqualTo(some);
    assertThatThrownBy(() -> capture(file, Nd4j.rand(DataType.FLOAT, 3, 1, 8, 8)))
        .hasMessageContaining("exactly 2 probes at once, and 3 cannot be shown so");
  }

  @Test
  void theProvenanceTellsTheFileAndWhatIsKnown() throws IOException {
    Path file = Pt2Files.copy("net.pt2", folder);
    try (Input input = Inputs.openIsolated(file, RunLimits.withDefaults())) {
      ActivationSource source = ((Input.Model) input).source();
      assertThat(source.provenance().sha256()).isEqualTo(Sha256.of(file));
      assertThat(source.provenance().origin()).isEqualTo(file.toString());
      assertThat(source.provenance().notes())
          .anyMatch(note -> note.startsWith("exported with PyTorch 2.15"))
          .contains("the results are in containers: [0] is result['out'], [1] is result['aux']");
    }
  }

  @Test
  void keysOfResultsAreToldAsPythonWritesThem() throws IOException {
    assertKeys("[0, \\\"0\\\"]", "[0] is result[0], [1] is result['0']");
    assertKeys("[true, \\\"it's\\\"]", "[0] is result[true], [1] is result['it\\'s']");
  }

  private void assertKeys(String keys, String told) throws IOException {
    Path file =
        Pt2Files.edited(
            "net",
            program -> {
              ObjectNode call =
                  (ObjectNode) program.at("/graph_module/module_call_graph/0/signature");
              String results = call.path("out_spec").asText();
              String changed = results.replace("[\\\"out\\\", \\\"aux\\\"]", keys);
              assertThat(changed).isNotEqualTo(results);
              call.put("out_spec", changed);
            },
            folder);
    try (Input input = Inputs.open(file)) {
      assertThat(((Input.Model) input).source().provenance().notes())
          .contains("the results are in containers: " + told);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd.pt2", "odd_28.pt2", "odd_flat.pt2"})
  void weightsAreReadByName(String name) throws IOException {
    Path file = Pt2Files.copy(name, folder);
    assertThat(FileKind.of(file)).isEqualTo(FileKind.TORCH_EXPORT);
    Weights weights = Inputs.weights(file);
    assertThat(weights.find("scale").orElseThrow().dtype()).isEqualTo("bfloat16");
    assertThat(weights.find("ramp").orElseThrow().values().toDoubleVector())
        .containsExactly(0, 1, 2, 3);
    assertThat(weights.find("first.weight").orElseThrow().layerKind())
        .isEqualTo(LayerKind.CONVOLUTION);
    Weights plain = Inputs.weights(Pt2Files.copy("odd.pt2", folder));
    weights
        .tensors()
        .forEach(
            tensor ->
                assertThat(tensor.values())
                    .isEqualTo(plain.find(tensor.name()).orElseThrow().values()));
  }
}
