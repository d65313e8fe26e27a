package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.internal.architecture.Architectures;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.weights.StateDict;

/**
 * Descriptions of networks of MONAI, torchvision and segmentation_models_pytorch with another
 * setting than the network was made with, or with another set of tensors.
 *
 * <p>Right is a refusal, or another network if the setting is another: one that is accepted and
 * changes nothing was passed over. Settings that change nothing in PyTorch either, and those that
 * are given with their default, must change nothing here.
 */
final class UnusualDescriptions {

  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "momentum",
          "inplace",
          "weights",
          "weights_backbone",
          "progress",
          "init_weights",
          "encoder_weights",
          "zero_init_residual");

  /** Settings that may change nothing since the tensors, or other settings, say the same. */
  private static final Set<String> FOLLOWING =
      Set.of(
          "num_classes",
          "deep_supr_num",
          "act_name",
          "affine",
          "bias",
          "track_running_stats",
          "p",
          "about",
          "as",
          "from");

  /** A network as the tool made it. */
  record Known(
      JsonNode description,
      JsonNode defaults,
      Map<String, StoredTensor> tensors,
      NetworkGraph built,
      String graph) {

    static Known of(JsonNode description, JsonNode defaults, Map<String, StoredTensor> tensors) {
      NetworkGraph built = build(description, tensors);
      return new Known(description, defaults, tensors, built, print(built));
    }
  }

  /** Of {@code torch.nn}. */
  private static final JsonNode OWN_DEFAULTS =
      json(
          "{'stride': 1, 'padding': 0, 'dilation': 1, 'groups': 1, 'bias': true, 'eps': 1e-5,"
              + "'padding_mode': 'zeros', 'output_padding': 0, 'negative_slope': 0.01, 'alpha': 1,"
              + "'ceil_mode': false, 'count_include_pad': true, 'align_corners': null, 'dim': null,"
              + "'mode': null, 'affine': true, 'momentum': 0.1, 'from': 'previous', 'also': null,"
              + "'approximate': 'none', 'size': null, 'scale_factor': null, 'side': 'both'}");

  private static final Map<String, List<Known>> KNOWN = read();

  private UnusualDescriptions() {}

  /**
   * What is wrong with the reading of the description of this seed; empty if nothing is.
   *
   * @param tool the first part of the classes' names, or {@code own}
   */
  static String finding(String tool, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Known> networks = KNOWN.get(tool);
    Known known = networks.get(random.nextInt(networks.size()));
    if (random.nextInt(4) == 0) {
      return otherTensors(known, random);
    }
    List<String> names = new ArrayList<>();
    known.defaults.fieldNames().forEachRemaining(names::add);
    ChangedSettings changed = ChangedSettings.of(known.description, names, random);
    String what = known.description.path("_target_").asText("own") + " with " + changed;
    try {
      String graph = graph(changed.description(), known.tensors);
      boolean same = isSame(changed, known.defaults);
      if (!mayBeEither(changed, known.defaults) && graph.equals(known.graph) != same) {
        return what + (same ? " is another network" : " was passed over");
      }
      return graph.contains("NaN") || graph.contains("Infinity") ? what + " has no number" : "";
    } catch (PalimpsestException refused) {
      return refused.getMessage().lines().count() == 1 ? "" : what + " is refused in several lines";
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      return what + ": " + failure;
    }
  }

  /**
   * Dropout may be a layer that changes nothing; MONAI takes of some lists what it needs; null is a
   * default of its own unless this is true or a number, and false may be one; "same" and "valid"
   * may pad as before; a list may stand for a number; SegResNet counts groups only by the name of a
   * norm that is not given here.
   */
  private static boolean mayBeEither(ChangedSettings changed, JsonNode defaults) {
    boolean denied = changed.before().isMissingNode() && changed.after().asText().equals("false");
    JsonNode usual = defaults.path(changed.key());
    boolean said = usual.asText().equals("true") || usual.isNumber();
    boolean absent = changed.after().isNull() && !said || denied;
    boolean padded = changed.key().equals("padding") && changed.after().isTextual();
    boolean unused = changed.key().equals("num_groups") && changed.before().isMissingNode();
    return FOLLOWING.contains(changed.key())
        || absent
        || padded
        || unused
        || changed.after().path(0).isArray()
        || isRepeated(changed.before(), changed.after())
        || changed.key().contains("dropout")
        || changed.before().isArray() && changed.after().size() > changed.before().size();
  }

  private static boolean isRepeated(JsonNode number, JsonNode list) {
    boolean all = number.isNumber() && list.isArray() && !list.isEmpty();
    for (JsonNode element : list) {
      all &= element.equals(number);
    }
    return all;
  }

  private static boolean isSame(ChangedSettings changed, JsonNode defaults) {
    JsonNode otherwise = defaults.path(changed.key());
    JsonNode before = changed.before().isMissingNode() ? otherwise : changed.before();
    JsonNode after = changed.after().isMissingNode() ? otherwise : changed.after();
    return WITHOUT_EFFECT.contains(changed.key())
        || meaning(changed.key(), before).equals(meaning(changed.key(), after));
  }

  /** Some settings of segmentation_models_pytorch can be said in two ways. */
  private static String meaning(String key, JsonNode value) {
    return switch (key + "=" + value.asText()) {
      case "activation=identity" -> "null";
      case "decoder_use_norm=true" -> "\"batchnorm\"";
      default ->
          key.equals("module") ? value.toString() : value.toString().toLowerCase(Locale.ROOT);
    };
  }

  /** A tensor less, one more, or one of another shape. */
  private static String otherTensors(Known known, SplittableRandom random) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>(known.tensors);
    List<String> names = List.copyOf(tensors.keySet());
    String name = names.get(random.nextInt(names.size()));
    int kind = random.nextInt(3);
    switch (kind) {
      case 0 -> tensors.remove(name);
      case 1 -> tensors.put(name.replaceFirst("\\d|$", "7") + "x", tensors.get(name));
      default -> {
        List<Long> shape = new ArrayList<>(tensors.get(name).shape());
        shape.add(random.nextInt(shape.size() + 1), 2L);
        tensors.put(name, zeros(name, shape));
      }
    }
    try {
      String graph = graph(known.description, tensors);
      boolean run = known.graph.contains(" " + name + " v");
      boolean twin = kind == 0 && withoutNames(graph).equals(withoutNames(known.graph));
      boolean told = known.defaults == OWN_DEFAULTS && name.endsWith("bias");
      return run && !twin && !told ? "accepted although " + name + " was changed" : "";
    } catch (PalimpsestException refused) {
      return "";
    } catch (RuntimeException failure) {
      return name + ": " + failure;
    }
  }

  /** A tensor that stands in the file twice may be taken from either place. */
  private static String withoutNames(String graph) {
    return graph.replaceAll("(?m)^(\\[.*]) \\S+ (v\\d+)$", "$1 $2");
  }

  static List<Known> known(String tool) {
    return KNOWN.get(tool);
  }

  private static String graph(JsonNode description, Map<String, StoredTensor> tensors) {
    return print(build(description, tensors));
  }

  private static NetworkGraph build(JsonNode description, Map<String, StoredTensor> tensors) {
    Blueprint network = Architectures.read(description, "net.json");
    TensorStock stock = TensorStock.of("weights.pth", tensors);
    GraphBuilder builder = NetworkGraph.builder("weights.pth");
    Scope root = Scope.root(builder, stock, "");
    List<Extent> extents = new ArrayList<>(List.of(Extent.any(), Extent.of(network.inputs(root))));
    for (int i = 0; i < network.axes(); i++) {
      extents.add(Extent.any());
    }
    Value images = builder.input(ElementType.FLOAT32, extents);
    network.build(root, images);
    stock.requireAllTaken("");
    return builder.build(new Provenance("weights.pth", "0".repeat(64), List.of()));
  }

  /** All that a graph computes. */
  static String print(NetworkGraph graph) {
    String tensors =
        graph.tensors().stream()
            .map(t -> t.path() + " " + t.stored().storage().name() + " " + t.value())
            .collect(Collectors.joining("\n"));
    return graph.input() + "\n" + tensors + "\n" + graph.steps() + "\n" + graph.outputs();
  }

  private static Map<String, List<Known>> read() {
    try (InputStream in =
        UnusualDescriptions.class.getResourceAsStream(
            "/architectures/described_networks.json.gz")) {
      Map<String, List<Known>> all = new LinkedHashMap<>();
      for (JsonNode network : new ObjectMapper().readTree(new GZIPInputStream(in))) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> tensor : network.path("tensors").properties()) {
          List<Long> shape = new ArrayList<>();
          tensor.getValue().forEach(extent -> shape.add(extent.longValue()));
          tensors.put(tensor.getKey(), zeros(tensor.getKey(), shape));
        }
        JsonNode description = network.path("description");
        if (network.has("kind")) {
          continue;
        }
        String tool = description.path("_target_").textValue().split("\\.")[0];
        Known known = Known.of(description, network.path("defaults"), tensors);
        all.computeIfAbsent(tool, t -> new ArrayList<>()).add(known);
      }
      all.put("own", List.of(own("attention"), own("odd"), own("volume")));
      return all;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  private static Known own(String name) throws IOException {
    try {
      URI weights = UnusualDescriptions.class.getResource("/own/" + name + ".pth").toURI();
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (WeightTensor tensor : StateDict.open(Path.of(weights)).weights().tensors()) {
        long[] shape = tensor.values().shape();
        tensors.put(tensor.name(), zeros(tensor.name(), Arrays.stream(shape).boxed().toList()));
      }
      URI described = UnusualDescriptions.class.getResource("/own/" + name + ".json").toURI();
      JsonNode description = new ObjectMapper().readTree(Files.readString(Path.of(described)));
      return Known.of(description, OWN_DEFAULTS, tensors);
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A tensor of which only the shape counts. */
  private static StoredTensor zeros(String name, List<Long> shape) {
    long bytes = shape.stream().reduce(4L, (a, b) -> a * b);
    Storage storage =
        new Storage() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public long bytes() {
            return bytes;
          }

          @Override
          public InputStream open() {
            throw new UnsupportedOperationException(name);
          }
        };
    return StoredTensor.contiguous(storage, ElementType.FLOAT32, shape);
  }
}
