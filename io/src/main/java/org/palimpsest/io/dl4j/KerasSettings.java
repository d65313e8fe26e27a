package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Holds an architecture against what was compared with Keras itself: DL4J's import passes over
 * settings that it does not know, so that a network with them would answer wrongly.
 */
final class KerasSettings {

  /**
   * A kind of layer: the ranks of its input (and of its output, if another), and its settings with
   * the values that may be read; a star is any.
   */
  private static final Map<String, Kind> KINDS =
      kinds(
          """
          InputLayer 2,3,4 sparse=false ragged=false optional=false input_tensor=null
          Conv1D 3 filters=* kernel_size=* strides=[1] padding=same data_format=channels_last \
          dilation_rate=[1] groups=1 activation=linear|relu|sigmoid|tanh use_bias=true
          Conv2D 4 filters=* kernel_size=* strides=* padding=same|valid data_format=channels_last \
          dilation_rate=* groups=1 activation=linear|relu|sigmoid|softmax|tanh use_bias=true|false
          Convolution2D 4 nb_filter=* nb_row=* nb_col=* subsample=* border_mode=same|valid \
          dim_ordering=tf|th activation=linear|relu|sigmoid|softmax|tanh bias=true|false
          Conv2DTranspose 4 filters=* kernel_size=[2,2]|[3,3]|[4,4] strides=[2,2] \
          padding=same|valid data_format=channels_last dilation_rate=[1,1] groups=1 \
          output_padding=null activation=linear|relu|sigmoid|tanh use_bias=true|false
          MaxPooling2D 4 pool_size=* strides=* padding=valid border_mode=valid \
          data_format=channels_last dim_ordering=tf
          AveragePooling2D 4 pool_size=* strides=* padding=valid border_mode=valid \
          data_format=channels_last dim_ordering=tf
          GlobalAveragePooling2D 4>2 data_format=channels_last dim_ordering=tf keepdims=false
          UpSampling2D 4 size=* data_format=channels_last dim_ordering=tf interpolation=nearest
          ZeroPadding2D 4 padding=* data_format=channels_last dim_ordering=tf
          Cropping2D 4 cropping=* data_format=channels_last dim_ordering=tf
          BatchNormalization 4 axis=-1|3|[3]|1 momentum=* epsilon=* center=true scale=true \
          synchronized=false renorm=false renorm_clipping=null renorm_momentum=* fused=* mode=0 \
          virtual_batch_size=null adjustment=null
          ReLU 2,3,4 max_value=null negative_slope=0.0|0 threshold=0.0|0
          Activation 2,3,4 activation=linear|relu|sigmoid|tanh
          Softmax 4 axis=-1
          Dropout 2,3,4 rate=* p=* noise_shape=null
          Concatenate 4 axis=-1|3
          Flatten 4>2 data_format=channels_last
          Dense 2,3 units=* output_dim=* input_dim=* activation=linear|relu|sigmoid|softmax|tanh \
          use_bias=true bias=true quantization_config=null
          LSTM 3 units=* activation=tanh recurrent_activation=sigmoid use_bias=true \
          unit_forget_bias=* dropout=* recurrent_dropout=* return_sequences=true \
          return_state=false go_backwards=false stateful=false unroll=* time_major=false \
          implementation=* zero_output_for_mask=false
          Bidirectional 3 layer=* merge_mode=concat
          """);

  private static final Pattern OF_TRAINING =
      Pattern.compile(
          "name|trainable|batch_input_shape|build_config|seed|init|.*_initializer|.*_regularizer|.*_constraint");

  private static final Set<String> IN_THEANO_ORDER =
      Set.of("InputLayer", "Convolution2D", "BatchNormalization", "Activation", "Dropout");

  private static final Set<String> TYPES = Set.of("dtype", "input_dtype");

  /** DL4J follows an input that is given twice twice, and so do all that come after. */
  private static final int MOST_WAYS = 256;

  /** Layers from which DL4J's import learns that channels come last. */
  private static final Set<String> TELLING_ORDER =
      Set.of(
          "Conv1D",
          "Conv2D",
          "Conv2DTranspose",
          "Convolution2D",
          "MaxPooling2D",
          "AveragePooling2D",
          "ZeroPadding2D",
          "Cropping2D",
          "LSTM",
          "Bidirectional");

  /** What the import knows of the order of axes behind a layer. */
  private enum Order {
    UNKNOWN,
    KNOWN,
    UNKNOWN_AND_RESIZED
  }

  private record Kind(Set<Integer> ranks, int result, Map<String, Set<String>> settings) {}

  private final Path file;
  private final boolean theanoOrder;
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Order> orders = new HashMap<>();
  private boolean orderIsTold;
  private long ways = 1;

  private KerasSettings(Path file, boolean theanoOrder) {
    this.file = file;
    this.theanoOrder = theanoOrder;
  }

  private static Map<String, Kind> kinds(String table) {
    return table
        .lines()
        .map(line -> line.split(" +"))
        .collect(Collectors.toUnmodifiableMap(words -> words[0], KerasSettings::kind));
  }

  private static Kind kind(String[] words) {
    String[] ranks = words[1].split(">");
    Set<Integer> inputs =
        Arrays.stream(ranks[0].split(",")).map(Integer::valueOf).collect(Collectors.toSet());
    Map<String, Set<String>> settings =
        Arrays.stream(words, 2, words.length)
            .map(word -> word.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> Set.of(pair[1].split("\\|"))));
    return new Kind(inputs, ranks.length > 1 ? Integer.parseInt(ranks[1]) : 0, settings);
  }

  /** Whether Keras 1 kept channels first, as it did with Theano. */
  static boolean isInTheanoOrder(JsonNode architecture) {
    return architecture.findValuesAsText("dim_ordering").contains("th");
  }

  /**
   * @param architecture as Keras 2 would have written it
   * @throws PalimpsestException naming the first layer and setting that nothing was tried with
   */
  static void requireKnown(Path file, JsonNode architecture) {
    new KerasSettings(file, isInTheanoOrder(architecture)).check(architecture);
  }

  private void check(JsonNode architecture) {
    JsonNode config = architecture.path("config");
    JsonNode layers = config.isArray() ? config : config.path("layers");
    for (JsonNode layer : layers) {
      orderIsTold |= TELLING_ORDER.contains(layer.path("class_name").asText());
    }
    int before = 0;
    Order order = Order.UNKNOWN;
    for (JsonNode layer : layers) {
      int rank = rankOfInput(layer, before);
      order = orderOfInput(layer, order);
      before = check(layer, rank);
      if (!theanoOrder) {
        order = orderBehind(layer, rank, order);
      }
      ranks.put(name(layer), before);
      orders.put(name(layer), order);
    }
  }

  private Order orderOfInput(JsonNode layer, Order before) {
    Set<Order> found = EnumSet.noneOf(Order.class);
    Map<String, Integer> uses = new HashMap<>();
    for (JsonNode input : layer.path("inbound_nodes").path(0)) {
      uses.merge(input.path(0).asText(), 1, Integer::sum);
      found.add(orders.getOrDefault(input.path(0).asText(), before));
    }
    ways *= uses.isEmpty() ? 1 : Collections.max(uses.values());
    if (ways > MOST_WAYS) {
      throw unknown(layer, "takes the same inputs several times, as those before it do");
    }
    return found.isEmpty() ? before : Collections.max(found);
  }

  /**
   * Without a layer that tells it, the import takes channels to come first: what then depends on
   * which axis is theirs would answer wrongly.
   */
  private Order orderBehind(JsonNode layer, int rank, Order before) {
    String kind = layer.path("class_name").asText();
    boolean wrong =
        switch (kind) {
          case "Concatenate", "Flatten" -> before != Order.KNOWN;
          case "Dense" -> rank == 3 && before != Order.KNOWN;
          case "BatchNormalization", "Softmax", "GlobalAveragePooling2D" ->
              rank == 4 && !orderIsTold || before == Order.UNKNOWN_AND_RESIZED;
          case "ReLU", "Activation", "Dropout", "UpSampling2D" -> false;
          default -> before == Order.UNKNOWN_AND_RESIZED;
        };
    if (wrong) {
      throw new PalimpsestException(
          "%s: layer '%s' (%s) comes before any layer from which DL4J's import could learn that channels are the last axis (a convolution, a valid pooling, padding, cropping or recurrent layer); it would take another axis for them. Such networks are not read. Export the network to ONNX."
              .formatted(file, name(layer), kind));
    }
    if (TELLING_ORDER.contains(kind)) {
      return Order.KNOWN;
    }
    boolean resizes = kind.equals("UpSampling2D") && before != Order.KNOWN;
    return resizes ? Order.UNKNOWN_AND_RESIZED : before;
  }

  private static String name(JsonNode layer) {
    return layer.path("config").path("name").asText(layer.path("name").asText());
  }

  private int rankOfInput(JsonNode layer, int before) {
    JsonNode shape = layer.path("config").path("batch_input_shape");
    if (shape.isArray()) {
      return shape.size();
    }
    JsonNode nodes = layer.path("inbound_nodes");
    if (nodes.size() > 1) {
      throw unknown(layer, "is used %d times".formatted(nodes.size()));
    }
    int rank = before;
    for (JsonNode input : nodes.path(0)) {
      if (!input.path(3).isEmpty() || input.path(1).asInt() != 0 || input.path(2).asInt() != 0) {
        throw unknown(layer, "is called with " + input);
      }
      rank = ranks.getOrDefault(input.path(0).asText(), rank);
    }
    return rank;
  }

  private int check(JsonNode layer, int rank) {
    Kind kind = KINDS.get(layer.path("class_name").asText());
    if (kind == null) {
      throw unknown(
          layer, "is of a kind that is not read. Read are " + new TreeSet<>(KINDS.keySet()));
    }
    if (rank != 0 && !kind.ranks.contains(rank)) {
      throw unknown(layer, "has an input of %d axes".formatted(rank));
    }
    layer.path("config").properties().forEach(s -> check(layer, kind, s.getKey(), s.getValue()));
    checkTogether(layer, rank);
    return kind.result == 0 ? rank : kind.result;
  }

  private void check(JsonNode layer, Kind kind, String setting, JsonNode value) {
    if (OF_TRAINING.matcher(setting).matches()) {
      return;
    }
    Set<String> known = TYPES.contains(setting) ? Set.of("float32") : kind.settings.get(setting);
    String text = value.isTextual() ? value.asText() : value.toString();
    if (known == null || !known.contains("*") && !known.contains(text)) {
      throw setting(layer, setting, text, known);
    }
  }

  private void checkTogether(JsonNode layer, int rank) {
    JsonNode config = layer.path("config");
    switch (layer.path("class_name").asText()) {
      case "BatchNormalization" -> {
        String axis = config.path("axis").toString();
        if (config.has("axis") && axis.equals("1") != theanoOrder) {
          throw setting(layer, "axis", axis, Set.of(theanoOrder ? "1" : "-1"));
        }
      }
      case "Dense" -> {
        if (rank == 3 && config.path("activation").asText().equals("softmax")) {
          throw setting(layer, "activation", "softmax on sequences", null);
        }
      }
      case "Bidirectional" -> check(config.path("layer"), rank);
      case "Convolution2D" -> checkTheanoPadding(layer, config);
      default -> {}
    }
    if (theanoOrder && !IN_THEANO_ORDER.contains(layer.path("class_name").asText())) {
      throw unknown(layer, "is in a network whose channels come first (dim_ordering = th)");
    }
  }

  /** Theano pads other sides than TensorFlow, where those are not the same. */
  private void checkTheanoPadding(JsonNode layer, JsonNode config) {
    boolean even = config.path("nb_row").asInt() % 2 == 0 || config.path("nb_col").asInt() % 2 == 0;
    boolean strided = !config.path("subsample").toString().equals("[1,1]");
    if (theanoOrder && (even || strided)) {
      throw unknown(
          layer,
          "has kernels of an even size or strides, and channels first (dim_ordering = th): Theano"
              + " pads it otherwise");
    }
  }

  private PalimpsestException setting(
      JsonNode layer, String setting, String value, @Nullable Set<String> known) {
    String read = known == null ? "" : "; read is " + String.join(", ", new TreeSet<>(known));
    return unknown(layer, "has the setting %s = %s%s".formatted(setting, value, read));
  }

  private PalimpsestException unknown(JsonNode layer, String what) {
    return new PalimpsestException(
        "%s: layer '%s' (%s) %s. This was never compared with Keras, and DL4J's import may answer wrongly; it is not read."
            .formatted(file, name(layer), layer.path("class_name").asText(), what));
  }
}
