package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;

/**
 * The normalisations and activation functions of MONAI's factories: a name, or a list of a name and
 * arguments. Null is none at all, an empty text is {@code Identity}.
 */
final class Factories {

  private static final Map<String, String> ACTIVATIONS =
      Map.ofEntries(
          Map.entry("elu", "ELU"),
          Map.entry("relu", "ReLU"),
          Map.entry("leakyrelu", "LeakyReLU"),
          Map.entry("prelu", "PReLU"),
          Map.entry("relu6", "ReLU6"),
          Map.entry("selu", "SELU"),
          Map.entry("celu", "CELU"),
          Map.entry("gelu", "GELU"),
          Map.entry("sigmoid", "Sigmoid"),
          Map.entry("tanh", "Tanh"),
          Map.entry("softmax", "Softmax"),
          Map.entry("logsoftmax", "LogSoftmax"),
          Map.entry("mish", "Mish"));
  private static final List<String> NORMALISATIONS =
      List.of(
          "instance", "instance_nvfuser", "batch", "syncbatch", "group", "layer", "localresponse");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Factories() {}

  /** A setting as its text in JSON, for those that are defaults of MONAI. */
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  /** The setting that is given, or MONAI's default in JSON; null that is given stays null. */
  static JsonNode setting(Arguments arguments, String name, String otherwise) {
    return arguments.isGiven(name) ? arguments.node(name) : absent(arguments, name, otherwise);
  }

  private static JsonNode absent(Arguments arguments, String name, String otherwise) {
    arguments.withoutEffect(name);
    return json(otherwise);
  }

  /**
   * @throws PalimpsestException if it is not known
   */
  static Optional<Layer> activation(JsonNode setting, String what) {
    if (setting.isNull()) {
      return Optional.empty();
    }
    Named named = Named.of(setting, "Activation of " + what);
    if (named.name().isEmpty()) {
      return Optional.of(Layer.identity());
    }
    Arguments arguments = named.arguments();
    if (named.name().equals("swish") || named.name().equals("memswish")) {
      arguments.withoutEffect("inplace");
      double alpha = named.name().equals("swish") ? arguments.real("alpha", 1) : 1;
      arguments.requireAllAsked();
      return Optional.of(swish(alpha));
    }
    Optional<Layer> layer =
        Optional.ofNullable(ACTIVATIONS.get(named.name()))
            .flatMap(name -> ActivationFunctions.named(name, arguments));
    return Optional.of(layer.orElseThrow(() -> named.unknown(activations())));
  }

  private static Layer swish(double alpha) {
    return (module, input) -> {
      Value gate = module.call("sigmoid", module.call("mul", input, alpha));
      return module.tap(module.call("mul", input, gate));
    };
  }

  /**
   * @throws PalimpsestException if it is not known
   */
  static Optional<Layer> normalisation(JsonNode setting, long channels, String what) {
    if (setting.isNull()) {
      return Optional.empty();
    }
    Named named = Named.of(setting, "Normalisation of " + what);
    if (named.name().isEmpty()) {
      return Optional.of(Layer.identity());
    }
    Arguments arguments = named.arguments().withoutEffect("momentum");
    double eps = named.name().equals("localresponse") ? 0 : arguments.real("eps", 1e-5);
    Layer layer =
        switch (named.name()) {
          case "instance", "instance_nvfuser" ->
              new Normalisation.Instance(
                  channels,
                  eps,
                  arguments.truth("affine", false),
                  arguments.truth("track_running_stats", false));
          case "batch", "syncbatch" -> batch(arguments, channels, eps);
          case "group" ->
              new Normalisation.Group(
                  arguments.integer("num_groups"), channels, eps, arguments.truth("affine", true));
          case "layer" -> layer(arguments, eps);
          case "localresponse" -> localResponse(arguments);
          default -> throw named.unknown(NORMALISATIONS);
        };
    arguments.requireAllAsked();
    return Optional.of(layer);
  }

  private static Layer batch(Arguments arguments, long channels, double eps) {
    boolean affine = arguments.truth("affine", true);
    boolean tracked = arguments.truth("track_running_stats", true);
    return Normalisation.batch(channels, eps, affine, tracked);
  }

  private static Layer layer(Arguments arguments, double eps) {
    List<Long> shape = arguments.integersOrOne("normalized_shape");
    boolean affine = arguments.truth("elementwise_affine", true);
    boolean bias = affine && arguments.truth("bias", true);
    long[] extents = shape.stream().mapToLong(Long::longValue).toArray();
    return (module, input) ->
        module.tap(
            module.call(
                "layer_norm",
                input,
                shape,
                module.parameterIf(affine, "weight", extents),
                module.parameterIf(bias, "bias", extents),
                eps,
                false));
  }

  /** {@code torch.nn.LocalResponseNorm}: by the squares of neighbouring channels. */
  private static Layer localResponse(Arguments arguments) {
    long size = arguments.integer("size");
    double alpha = arguments.real("alpha", 1e-4);
    double beta = arguments.real("beta", 0.75);
    double k = arguments.real("k", 1);
    return (module, input) -> {
      Value squares = module.call("flatten", module.call("mul", input, input), 3, -1);
      Value padded =
          module.call(
              "constant_pad_nd",
              module.call("unsqueeze", squares, 1),
              List.of(0, 0, 0, 0, size / 2, (size - 1) / 2),
              0.0);
      Value means =
          module.call(
              "avg_pool3d",
              padded,
              List.of(size, 1, 1),
              List.of(1, 1, 1),
              List.of(0, 0, 0),
              false,
              true,
              null);
      Value mean = module.call("view_as", module.call("squeeze", means, 1), input);
      Value scaled = module.call("add", module.call("mul", mean, alpha), k);
      return module.tap(module.call("div", input, module.call("pow", scaled, beta)));
    };
  }

  private static Set<String> activations() {
    Set<String> all = new TreeSet<>(ACTIVATIONS.keySet());
    all.addAll(List.of("swish", "memswish"));
    return all;
  }

  /** A name in small letters and its arguments. */
  private record Named(String what, String name, Arguments arguments) {

    static Named of(JsonNode setting, String what) {
      JsonNode name = setting.isArray() ? setting.path(0) : setting;
      if (!name.isTextual() || setting.size() > 2) {
        throw new PalimpsestException(
            "%s is %s where a name, or a list of a name and arguments, is expected."
                .formatted(what, setting));
      }
      JsonNode given = setting.size() == 2 ? setting.get(1) : NullNode.getInstance();
      String lower = name.textValue().toLowerCase(Locale.ROOT);
      return new Named(what, lower, Arguments.of(what + ", " + lower, given));
    }

    PalimpsestException unknown(Collection<String> known) {
      return new PalimpsestException(
          "%s is '%s', which is not known here; %s."
              .formatted(what, name, Names.known(name, known)));
    }
  }
}
