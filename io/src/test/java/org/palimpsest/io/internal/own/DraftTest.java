package org.palimpsest.io.internal.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;

class DraftTest {

  private static final String ORIGIN = "weights.pth";

  @TempDir private Path folder;

  /** The names and shapes of a state dict, as lines of {@code name extent extent …}. */
  private record Shapes(Map<String, long[]> tensors) {

    static Shapes of(String... lines) {
      Map<String, long[]> tensors = new LinkedHashMap<>();
      for (String line : lines) {
        String[] words = line.split(" ");
        tensors.put(words[0], Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray());
      }
      return new Shapes(tensors);
    }

    Shapes and(Shapes more) {
      Map<String, long[]> all = new LinkedHashMap<>(tensors);
      all.putAll(more.tensors);
      return new Shapes(all);
    }

    Draft draft() {
      List<WeightTensor> all = new ArrayList<>();
      tensors.forEach(
          (name, shape) ->
              all.add(new WeightTensor(name, Nd4j.zeros(shape), "float32", LayerKind.OTHER)));
      return Draft.of(Weights.of(provenance(), "weights", all));
    }

    /** The layers of the network that a description makes of the tensors. */
    List<String> layers(JsonNode description) {
      Map<String, StoredTensor> stored = new LinkedHashMap<>();
      tensors.forEach(
          (name, shape) -> {
            int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            List<Long> extents = Arrays.stream(shape).boxed().toList();
            stored.put(name, StoredTensor.ofFloats(name, extents, new float[length]));
          });
      TensorStock stock = TensorStock.of(ORIGIN, stored);
      GraphBuilder graph = NetworkGraph.builder(ORIGIN);
      Blueprint network = OwnNetwork.of(description, "net.json");
      network.build(Scope.root(graph, stock, ""), graph.input(ElementType.FLOAT32));
      stock.requireAllTaken("");
      return graph.build(provenance()).layers();
    }
  }

  private static Provenance provenance() {
    return new Provenance(ORIGIN, "0".repeat(64), List.of());
  }

  private static Shapes pair(String module, long in, long out) {
    return convolution(module + ".0", in, out)
        .and(norm(module + ".1", out))
        .and(convolution(module + ".3", out, out))
        .and(norm(module + ".4", out));
  }

  private static Shapes convolution(String module, long in, long out) {
    return Shapes.of("%s.weight %d %d 3 3".formatted(module, out, in));
  }

  private static Shapes transposed(String module, long in, long out) {
    return Shapes.of(
        "%s.weight %d %d 2 2".formatted(module, in, out), "%s.bias %d".formatted(module, out));
  }

  private static Shapes norm(String module, long channels) {
    Shapes shapes = Shapes.of();
    for (String tensor : List.of("weight", "bias", "running_mean", "running_var")) {
      shapes = shapes.and(Shapes.of("%s.%s %d".formatted(module, tensor, channels)));
    }
    return shapes;
  }

  private static Shapes head(String module, long in, long out) {
    return Shapes.of("%s.weight %d %d 1 1".formatted(module, out, in), module + ".bias " + out);
  }

  /** With a transposed convolution in each block of the second half. */
  private static Shapes blocks() {
    return pair("inc.double_conv", 1, 4)
        .and(pair("down1.maxpool_conv.1.double_conv", 4, 8))
        .and(pair("down2.maxpool_conv.1.double_conv", 8, 16))
        .and(transposed("up1.up", 16, 8))
        .and(pair("up1.conv.double_conv", 16, 8))
        .and(transposed("up2.up", 8, 4))
        .and(pair("up2.conv.double_conv", 8, 4))
        .and(head("outc.conv", 4, 2));
  }

  /** Lists of modules, the second half first. */
  private static Shapes lists() {
    return transposed("ups.0", 16, 8)
        .and(pair("ups.1", 16, 8))
        .and(transposed("ups.2", 8, 4))
        .and(pair("ups.3", 8, 4))
        .and(pair("downs.0", 3, 4))
        .and(pair("downs.1", 4, 8))
        .and(pair("bottleneck", 8, 16))
        .and(head("final", 4, 2));
  }

  private static Shapes residual() {
    return pair("block.long", 2, 4)
        .and(head("block.short", 2, 4))
        .and(convolution("depthwise", 1, 4))
        .and(head("out.0", 4, 1));
  }

  static Stream<Shapes> networks() {
    return Stream.of(blocks(), lists(), residual());
  }

  private static JsonNode settled(JsonNode node) {
    if (node instanceof ObjectNode step) {
      step.remove("TODO");
    }
    node.forEach(DraftTest::settled);
    return node;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aDraftWhoseMarksAreTakenOutFitsTheWeights(Shapes network) {
    JsonNode settled = settled(network.draft().description());
    assertThatCode(() -> network.layers(settled)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aDraftIsRefusedAsLongAsItHasMarks(Shapes network) {
    JsonNode description = network.draft().description();
    assertThatThrownBy(() -> network.layers(description))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("is not settled");
  }

  @Test
  void equalBlocksAreWrittenOnceAndSkipsAreProposed() {
    Draft draft = blocks().draft();
    assertThat(draft.description().path("blocks").fieldNames())
        .toIterable()
        .containsExactly("double_conv", "maxpool_conv", "up", "conv");
    assertThat(draft.toJson())
        .contains("{\"module\": \"up1\", \"block\": \"up\", \"from\": [\"previous\", \"down1\"]}")
        .contains("{\"module\": \"up2\", \"block\": \"up\", \"from\": [\"previous\", \"inc\"]}");
    assertThat(draft.marks()).isEqualTo(10);
    assertThat(blocks().layers(settled(draft.description())))
        .contains("inc", "down2.maxpool_conv.0", "down2.maxpool_conv.1", "up1.up", "up2", "outc");
  }

  @Test
  void modulesComeInAnOrderInWhichChannelsFit() {
    List<String> layers = lists().layers(settled(lists().draft().description()));
    assertThat(layers.stream().filter(layer -> layer.matches("(ups|downs)\\.\\d|bottleneck|final")))
        .containsExactly(
            "downs.0", "downs.1", "bottleneck", "ups.0", "ups.1", "ups.2", "ups.3", "final");
  }

  @Test
  void whatRunsBesideIsAddedAndGroupsFollowFromChannels() {
    assertThat(residual().draft().description().toString())
        .contains("\"function\":\"add\",\"from\":[\"long\",\"previous\"]")
        .contains("\"groups\":4");
  }

  @Test
  void normsWithoutStatisticsAndTensorsOfNoKnownLayerAreMarked() {
    Shapes shapes =
        convolution("a", 1, 4)
            .and(Shapes.of("n.weight 4", "n.bias 4", "p.weight 4", "fc.weight 2 4", "gamma 1"));
    assertThat(shapes.draft().toJson())
        .contains("InstanceNorm2d, or GroupNorm with its num_groups?")
        .contains("\"PReLU\"", "\"Linear\"", "{gamma=[1]}");
  }

  @Test
  void kernelsOfVolumesGiveLayersOfVolumes() {
    Shapes shapes = Shapes.of("a.weight 4 1 3 3 3", "u.weight 4 2 1 2 2", "u.bias 2");
    assertThat(shapes.draft().toJson())
        .contains("\"axes\": 3", "Conv3d", "ConvTranspose3d", "\"stride\": [1, 2, 2]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.weight 2 2 3 3,b.weight 2 2 3 3 3 | of planes ('a.weight') and of volumes ('b.weight')",
        "a.weight 2 2,b.weight 2 2 3 | no kernels of planes or volumes",
        "a..weight 2 2 3 3 | whose name a description cannot hold",
        "{n}.weight 2 2 3 3 | whose name a description cannot hold",
      })
  void whatNoDescriptionCanHoldIsRefused(String network) {
    String[] parts = network.split(" \\| ");
    assertThatThrownBy(() -> Shapes.of(parts[0].split(",")).draft())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(parts[1]);
  }

  @Test
  void nothingIsReplaced() throws IOException {
    Path file = folder.resolve("net.json");
    Draft draft = lists().draft();
    draft.write(file);
    assertThat(Files.readString(file)).isEqualTo(draft.toJson());
    assertThatThrownBy(() -> draft.write(file)).hasMessageContaining("replaces nothing");
  }

  /** Names and shapes that no network has must not hang, nor end in anything but an answer. */
  @Test
  void tensorsInWhateverOrderGiveADraftOrARefusal() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      Shapes shapes = Shapes.of();
      int count = 1 + random.nextInt(30);
      for (int i = 0; i < count; i++) {
        shapes = shapes.and(strange(random));
      }
      Shapes network = shapes;
      assertThatCode(
              () -> {
                try {
                  network.layers(settled(network.draft().description()));
                } catch (PalimpsestException refused) {
                  assertThat(refused).hasMessageNotContaining("null");
                }
              })
          .as("seed %d", seed)
          .doesNotThrowAnyException();
    }
  }

  private static Shapes strange(Random random) {
    List<String> path = new ArrayList<>();
    for (int depth = random.nextInt(4); depth >= 0; depth--) {
      path.add(List.of("0", "1", "3", "a", "up", "skip", "ab").get(random.nextInt(7)));
    }
    String module = String.join(".", path);
    long in = 1 << random.nextInt(4);
    long out = 1 << random.nextInt(4);
    return switch (random.nextInt(6)) {
      case 0 -> norm(module, out);
      case 1 -> transposed(module, in, out);
      case 2 -> Shapes.of(module + ".weight " + out);
      case 3 -> Shapes.of(module + ".scale");
      default -> convolution(module, in, out);
    };
  }
}
