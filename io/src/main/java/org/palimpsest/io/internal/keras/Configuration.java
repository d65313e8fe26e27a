package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * Reads the configuration of a network, as Keras 1, 2 and 3 write it: they differ in how calls are
 * written, and Keras 1 in the names of layers and settings.
 */
final class Configuration {

  private static final Set<String> NETWORKS = Set.of("Sequential", "Model", "Functional");
  private static final Set<String> WRAPPED_LISTS = Set.of("__tuple__", "TensorShape");
  private static final Set<String> WRAPPED_VALUES = Set.of("__numpy__", "__tensor__");
  private static final String TENSOR = "__keras_tensor__";

  /** Older formats of files do not tell operators from layers but by what they lack. */
  private static final String OPERATORS = "keras.src.ops";

  private static final String CONSTANT = "_CONSTANT_VALUE";
  private static final int DEEPEST = 50;
  private static final int MOST_LAYERS = 5000;

  private final String source;
  private final boolean ofKerasOne;
  private int layers;

  private Configuration(String source, boolean ofKerasOne) {
    this.source = source;
    this.ofKerasOne = ofKerasOne;
  }

  static boolean isOne(JsonNode root) {
    return root.isObject() && NETWORKS.contains(root.path("class_name").asText());
  }

  /**
   * Reads a network.
   *
   * @param source what to call it in messages
   * @param ofKerasOne whether layers and settings have the names of Keras 1
   * @throws PalimpsestException if it describes none
   */
  static Architecture read(JsonNode root, String source, boolean ofKerasOne) {
    if (!isOne(root)) {
      throw new PalimpsestException(
          "%s describes no network of Keras that is known here: its class is '%s', not Sequential, Model or Functional. Networks of classes of one's own have their code elsewhere."
              .formatted(source, root.path("class_name").asText("none")));
    }
    Configuration reading = new Configuration(source, ofKerasOne);
    return reading.network(plain(root), 0);
  }

  /** Tuples, shapes and arrays as the lists and numbers that they are. */
  private static JsonNode plain(JsonNode node) {
    if (node instanceof ArrayNode list) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      list.forEach(item -> copy.add(plain(item)));
      return copy;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    String kind = object.path("class_name").asText();
    if (WRAPPED_LISTS.contains(kind) && object.path("items").isArray()) {
      return plain(object.path("items"));
    }
    if (WRAPPED_VALUES.contains(kind) && object.path("config").has("value")) {
      return plain(object.path("config").path("value"));
    }
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    object.properties().forEach(entry -> copy.set(entry.getKey(), plain(entry.getValue())));
    return copy;
  }

  private PalimpsestException unsound(String what, Object... parts) {
    return new PalimpsestException(
        "%s is no sound configuration of Keras: %s.".formatted(source, what.formatted(parts)));
  }

  private Architecture network(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw unsound("networks in it are nested more than %s deep", DEEPEST);
    }
    String module = node.path("module").asText("");
    if (!KnownLayers.isOfKeras(module)) {
      throw new PalimpsestException(
          "%s is of the class %s of %s, whose code is not in the file. Export the network with torch.export or to ONNX."
              .formatted(source, node.path("class_name").asText(), module));
    }
    JsonNode config = node.path("config");
    JsonNode list = config.isArray() ? config : config.path("layers");
    String name = config.path("name").asText(node.path("name").asText(""));
    if (!list.isArray() || list.isEmpty()) {
      throw unsound("network '%s' has no layers", name);
    }
    List<KerasLayer> layers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode item : list) {
      KerasLayer layer = layer(item, depth);
      layers.add(layer);
      if (!names.add(layer.name())) {
        throw unsound("network '%s' has two layers of the name '%s'", name, layer.name());
      }
    }
    if (node.path("class_name").asText().equals("Sequential")) {
      JsonNode built = config.path("build_input_shape");
      JsonNode shape = built.isArray() ? built : node.path("build_config").path("input_shape");
      return new Architecture.Sequential(name, layers, shape(shape));
    }
    return functional(name, layers, config);
  }

  /** Extents, unknown where there is null; none for what is no shape of one tensor. */
  static List<Long> shape(JsonNode node) {
    List<Long> shape = new ArrayList<>();
    for (JsonNode extent : node) {
      if (!extent.isNull() && !KerasSettings.isInteger(extent)) {
        return List.of();
      }
      shape.add(extent.isNull() ? Tensor.UNKNOWN : extent.longValue());
    }
    return shape;
  }

  private KerasLayer layer(JsonNode given, int depth) {
    layers++;
    if (layers > MOST_LAYERS) {
      throw unsound("it has more than %s layers", MOST_LAYERS);
    }
    JsonNode node = ofKerasOne ? KerasOne.renamed(given) : given;
    String className = node.path("class_name").asText("");
    JsonNode config = node.path("config");
    String name = node.path("name").asText(config.path("name").asText(""));
    if (className.isEmpty() || !config.isObject() && !NETWORKS.contains(className)) {
      throw unsound("layer '%s' has no class or settings", name);
    }
    String registered = node.path("registered_name").asText("");
    if (registered.contains(">") && !registered.equals(className)) {
      className = registered;
    }
    Optional<Architecture> network =
        NETWORKS.contains(className) ? Optional.of(network(node, depth + 1)) : Optional.empty();
    boolean operator =
        node.path("inbound_nodes").path(0).isObject()
            && network.isEmpty()
            && !config.has("trainable")
            && !className.equals("InputLayer")
            && !KnownLayers.isLayerAlone(className);
    return new KerasLayer(
        className,
        node.path("module").asText(operator ? OPERATORS : ""),
        network.map(Architecture::name).filter(n -> name.isEmpty()).orElse(name),
        config,
        node.path("build_config"),
        calls(node.path("inbound_nodes"), name),
        network);
  }

  /** A layer that another one has as a setting. */
  static KerasLayer inner(JsonNode node, Call outer) {
    return inner(node, outer.settings().owner(), outer.dialect());
  }

  static KerasLayer inner(JsonNode node, String owner, Dialect dialect) {
    Configuration reading = new Configuration(owner, dialect.major() == 1);
    return reading.layer(plain(node), 0);
  }

  private List<KerasLayer.Node> calls(JsonNode nodes, String layer) {
    List<KerasLayer.Node> calls = new ArrayList<>();
    for (JsonNode node : nodes) {
      calls.add(node.isObject() ? call(node, layer) : olderCall(node, layer));
    }
    return calls;
  }

  /** As Keras 3 writes it: an object of arguments. */
  private KerasLayer.Node call(JsonNode node, String layer) {
    List<Argued> arguments = new ArrayList<>();
    node.path("args").forEach(argument -> arguments.add(argued(argument, layer)));
    Map<String, Argued> named = new LinkedHashMap<>();
    node.path("kwargs")
        .properties()
        .forEach(entry -> named.put(entry.getKey(), argued(entry.getValue(), layer)));
    return new KerasLayer.Node(arguments, named);
  }

  private Argued argued(JsonNode node, String layer) {
    if (node.path("class_name").asText().equals(TENSOR)) {
      return reference(node.path("config").path("keras_history"));
    }
    if (node.isArray()) {
      List<Argued> items = new ArrayList<>();
      node.forEach(item -> items.add(argued(item, layer)));
      if (items.stream().anyMatch(item -> !(item instanceof Argued.Constant))) {
        return new Argued.Items(items);
      }
    } else if (node.findValue("keras_history") != null) {
      throw new PalimpsestException(
          "%s: layer '%s' is called with a dictionary of tensors (%s), which is not known here. Call it with a list, and save the network again."
              .formatted(source, layer, KerasSettings.shortened(node)));
    }
    return new Argued.Constant(node);
  }

  private Argued.Reference reference(JsonNode node) {
    if (!isReference(node)) {
      throw unsound("there is no tensor at %s", KerasSettings.shortened(node));
    }
    return new Argued.Reference(
        node.path(0).asText(), node.path(1).longValue(), node.path(2).longValue());
  }

  private static boolean isReference(JsonNode node) {
    return node.isArray()
        && node.size() >= 3
        && node.path(0).isTextual()
        && KerasSettings.isInteger(node.path(1))
        && KerasSettings.isInteger(node.path(2));
  }

  /** As Keras 1 and 2 write it: a list of tensors, or for some operators one tensor. */
  private KerasLayer.Node olderCall(JsonNode node, String layer) {
    boolean alone = node.path(0).isTextual();
    Map<String, Argued> named = new HashMap<>();
    List<Argued> tensors = new ArrayList<>();
    for (JsonNode tensor : alone ? List.of(node) : node) {
      if (!tensor.path(0).isTextual() || tensor.size() < 3 || tensor.size() > 4) {
        throw unsound("layer '%s' is called with %s", layer, KerasSettings.shortened(tensor));
      }
      tensors.add(
          tensor.path(0).asText().equals(CONSTANT)
              ? new Argued.Constant(tensor.path(2))
              : reference(tensor));
      tensor
          .path(3)
          .properties()
          .forEach(
              entry -> addNamed(entry.getKey(), olderArgument(entry.getValue()), named, layer));
    }
    return new KerasLayer.Node(
        alone || tensors.size() == 1 ? tensors : List.of(new Argued.Items(tensors)), named);
  }

  private void addNamed(String name, Argued value, Map<String, Argued> named, String layer) {
    Argued known = named.put(name, value);
    if (known != null && !known.equals(value)) {
      throw unsound("layer '%s' is called with two values of '%s'", layer, name);
    }
  }

  private Argued olderArgument(JsonNode node) {
    if (isReference(node) && node.size() <= 4) {
      return node.path(0).asText().equals(CONSTANT)
          ? new Argued.Constant(node.path(2))
          : reference(node);
    }
    if (node.isArray()) {
      List<Argued> items = new ArrayList<>();
      node.forEach(item -> items.add(olderArgument(item)));
      if (items.stream().anyMatch(item -> !(item instanceof Argued.Constant))) {
        return new Argued.Items(items);
      }
    }
    return new Argued.Constant(node);
  }

  private Architecture functional(String name, List<KerasLayer> layers, JsonNode config) {
    List<Architecture.Result> inputs = new ArrayList<>();
    List<Architecture.Result> outputs = new ArrayList<>();
    ends(config.path("input_layers"), "", inputs);
    ends(config.path("output_layers"), "", outputs);
    if (inputs.isEmpty() || outputs.isEmpty()) {
      throw unsound("network '%s' has no inputs or no outputs", name);
    }
    return new Architecture.Functional(
        name, layers, inputs.stream().map(Architecture.Result::source).toList(), outputs);
  }

  /** One end, a list or a dictionary of them. */
  private void ends(JsonNode node, String label, List<Architecture.Result> found) {
    if (node instanceof MissingNode || node.isNull()) {
      return;
    }
    if (isReference(node)) {
      found.add(new Architecture.Result(label, reference(node)));
    } else if (node.isObject()) {
      node.properties().forEach(entry -> ends(entry.getValue(), entry.getKey(), found));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        ends(node.path(i), node.size() == 1 ? label : String.valueOf(i), found);
      }
    } else {
      throw unsound("there is no tensor at %s", KerasSettings.shortened(node));
    }
  }

  /** The names that Keras 1 had for layers and settings, as those that Keras 2 has. */
  private static final class KerasOne {

    private static final Map<String, String> CLASSES =
        Map.ofEntries(
            Map.entry("Convolution1D", "Conv1D"),
            Map.entry("Convolution2D", "Conv2D"),
            Map.entry("Convolution3D", "Conv3D"),
            Map.entry("AtrousConvolution1D", "Conv1D"),
            Map.entry("AtrousConvolution2D", "Conv2D"),
            Map.entry("Deconvolution2D", "Conv2DTranspose"),
            Map.entry("SeparableConvolution2D", "SeparableConv2D"));

    private static final Map<String, String> SETTINGS =
        Map.ofEntries(
            Map.entry("nb_filter", "filters"),
            Map.entry("filter_length", "kernel_size"),
            Map.entry("border_mode", "padding"),
            Map.entry("subsample", "strides"),
            Map.entry("subsample_length", "strides"),
            Map.entry("stride", "strides"),
            Map.entry("pool_length", "pool_size"),
            Map.entry("atrous_rate", "dilation_rate"),
            Map.entry("bias", "use_bias"),
            Map.entry("p", "rate"),
            Map.entry("sigma", "stddev"),
            Map.entry("length", "size"),
            Map.entry("inner_activation", "recurrent_activation"),
            Map.entry("init", "kernel_initializer"),
            Map.entry("inner_init", "recurrent_initializer"),
            Map.entry("forget_bias_init", "forget_bias_initializer"),
            Map.entry("beta_init", "beta_initializer"),
            Map.entry("gamma_init", "gamma_initializer"),
            Map.entry("W_regularizer", "kernel_regularizer"),
            Map.entry("U_regularizer", "recurrent_regularizer"),
            Map.entry("b_regularizer", "bias_regularizer"),
            Map.entry("W_constraint", "kernel_constraint"),
            Map.entry("b_constraint", "bias_constraint"),
            Map.entry("dropout_W", "dropout"),
            Map.entry("dropout_U", "recurrent_dropout"),
            Map.entry("consume_less", "implementation"));

    private static final Set<String> WITH_UNITS =
        Set.of("Dense", "SimpleRNN", "LSTM", "GRU", "TimeDistributedDense");

    private KerasOne() {}

    static JsonNode renamed(JsonNode layer) {
      if (!layer.path("config").isObject() || layer.path("config").has("layers")) {
        return layer;
      }
      String given = layer.path("class_name").asText();
      ObjectNode config = JsonNodeFactory.instance.objectNode();
      layer
          .path("config")
          .properties()
          .forEach(
              setting -> {
                String name = setting.getKey();
                boolean units = name.equals("output_dim") && WITH_UNITS.contains(given);
                if (name.equals("dim_ordering")) {
                  config.set("data_format", format(setting.getValue()));
                } else if (!name.equals("nb_row") && !name.equals("nb_col")) {
                  config.set(
                      units ? "units" : SETTINGS.getOrDefault(name, name), setting.getValue());
                }
              });
      kernel(layer.path("config"), config);
      ObjectNode renamed = layer.deepCopy();
      renamed.put("class_name", CLASSES.getOrDefault(given, given));
      renamed.set("config", config);
      return renamed;
    }

    private static JsonNode format(JsonNode order) {
      return switch (order.asText()) {
        case "th" -> JsonNodeFactory.instance.textNode("channels_first");
        case "tf" -> JsonNodeFactory.instance.textNode("channels_last");
        default -> order;
      };
    }

    private static void kernel(JsonNode given, ObjectNode config) {
      boolean volume = given.has("kernel_dim1");
      if (volume || given.has("nb_row")) {
        var size = config.putArray("kernel_size");
        for (String axis :
            volume
                ? new String[] {"kernel_dim1", "kernel_dim2", "kernel_dim3"}
                : new String[] {"nb_row", "nb_col"}) {
          size.add(given.path(axis));
          config.remove(axis);
        }
      }
    }
  }
}
