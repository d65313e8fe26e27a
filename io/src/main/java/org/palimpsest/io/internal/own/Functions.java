package org.palimpsest.io.internal.own;

import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Scope;

/** What a {@code forward} does without modules: such calls have no name and are no layers. */
final class Functions {

  private static final Map<String, String> ACTIVATIONS =
      Map.ofEntries(
          Map.entry("relu", "ReLU"),
          Map.entry("leaky_relu", "LeakyReLU"),
          Map.entry("elu", "ELU"),
          Map.entry("gelu", "GELU"),
          Map.entry("relu6", "ReLU6"),
          Map.entry("selu", "SELU"),
          Map.entry("silu", "SiLU"),
          Map.entry("celu", "CELU"),
          Map.entry("mish", "Mish"),
          Map.entry("sigmoid", "Sigmoid"),
          Map.entry("tanh", "Tanh"),
          Map.entry("hardswish", "Hardswish"),
          Map.entry("hardsigmoid", "Hardsigmoid"),
          Map.entry("softplus", "Softplus"),
          Map.entry("softmax", "Softmax"),
          Map.entry("log_softmax", "LogSoftmax"));

  private final Scope network;
  private final int axes;
  private final Sizes sizes;
  private final Modules modules;

  Functions(Scope network, int axes, Sizes sizes, Modules modules) {
    this.network = network;
    this.axes = axes;
    this.sizes = sizes;
    this.modules = modules;
  }

  /**
   * Calls a function.
   *
   * @param settings of it; the caller makes sure that all were asked for
   */
  StepResult call(String function, Arguments settings, List<StepResult> inputs) {
    return switch (function) {
      case "cat" -> joined(settings, inputs);
      case "add", "sub", "mul" -> combined(function, settings, inputs);
      case "interpolate" -> interpolated(settings, inputs);
      case "pad_to" -> {
        requireInputs(settings, inputs, 2);
        yield first(inputs, sizes.paddedTo(settings, inputs.get(0).value(), inputs.get(1).value()));
      }
      case "crop_to" -> {
        requireInputs(settings, inputs, 2);
        yield first(
            inputs, sizes.croppedTo(settings, inputs.get(0).value(), inputs.get(1).value()));
      }
      default -> ofOne(function, settings, inputs);
    };
  }

  private static StepResult first(List<StepResult> inputs, Value result) {
    return inputs.get(0).with(result);
  }

  private StepResult ofOne(String function, Arguments settings, List<StepResult> inputs) {
    requireInputs(settings, inputs, 1);
    StepResult input = inputs.get(0);
    if (function.equals("pixel_shuffle")) {
      return sizes.pixelShuffle(settings, input);
    }
    if (ACTIVATIONS.containsKey(function)) {
      if (function.endsWith("softmax")) {
        settings.integer("dim");
      }
      return input.with(modules.activation(ACTIVATIONS.get(function), network, settings, input));
    }
    String dimension = axes + "d";
    String kind = function.endsWith(dimension) ? function.substring(0, function.length() - 2) : "";
    return input.with(
        switch (kind.isEmpty() ? function : kind) {
          case "max_pool" -> sizes.maxPool(settings, input.value());
          case "avg_pool" -> sizes.averagePool(settings, input.value());
          case "adaptive_avg_pool" -> sizes.adaptiveAveragePool(settings, input.value());
          case "pad" -> padded(settings, input);
          default ->
              throw settings.wrong(
                  "function", "a function that docs/architectures/README.md lists");
        });
  }

  private Value padded(Arguments settings, StepResult input) {
    String mode = Sizes.oneOf(settings, "mode", "constant", Sizes.PADDING_MODES);
    List<Long> widths = settings.integers("pad");
    if (widths.size() % 2 != 0 || widths.isEmpty() || widths.size() > 2 * axes) {
      throw settings.wrong("pad", "two integers for each axis, the last axis first,");
    }
    return sizes.padded(input.value(), widths, mode, sizes.constant(settings, mode));
  }

  private StepResult interpolated(Arguments settings, List<StepResult> inputs) {
    if (inputs.size() == 2) {
      return first(inputs, sizes.resizedTo(settings, inputs.get(0).value(), inputs.get(1).value()));
    }
    requireInputs(settings, inputs, 1);
    return first(inputs, sizes.resized(settings, inputs.get(0).value()));
  }

  private StepResult joined(Arguments settings, List<StepResult> inputs) {
    if (settings.integer("dim", 1) != 1) {
      throw settings.wrong("dim", "1");
    }
    List<Value> values = inputs.stream().map(StepResult::value).toList();
    long channels = inputs.stream().mapToLong(StepResult::channels).sum();
    return new StepResult(network.call("cat", values, 1), channels);
  }

  private StepResult combined(String operator, Arguments settings, List<StepResult> inputs) {
    if (inputs.size() < 2) {
      throw settings.wrong("from", "two values or more");
    }
    StepResult result = inputs.get(0);
    for (StepResult next : inputs.subList(1, inputs.size())) {
      long channels = Math.max(result.channels(), next.channels());
      if (Math.min(result.channels(), next.channels()) != channels
          && Math.min(result.channels(), next.channels()) != 1) {
        throw new PalimpsestException(
            "%s takes images of %s and of %s channels."
                .formatted(settings.what(), result.channels(), next.channels()));
      }
      result = new StepResult(network.call(operator, result.value(), next.value()), channels);
    }
    return result;
  }

  private static void requireInputs(Arguments settings, List<StepResult> inputs, int count) {
    if (inputs.size() != count) {
      throw settings.wrong("from", count == 1 ? "one value" : count + " values");
    }
  }
}
