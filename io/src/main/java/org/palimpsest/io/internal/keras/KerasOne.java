package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/** The names that Keras 1 had for layers and settings, as those that Keras 2 has. */
final class KerasOne {

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
                config.set(units ? "units" : SETTINGS.getOrDefault(name, name), setting.getValue());
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
