package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Scope;

/**
 * The classes of {@code torch.nn} that a description may name. What the shapes of the weights tell
 * is taken from them; the settings are the constructor's, with PyTorch's defaults.
 */
final class Modules {

  private final Scope network;
  private final int axes;
  private final Sizes sizes;
  private final Set<String> assumed = new TreeSet<>();

  Modules(Scope network, int axes, Sizes sizes) {
    this.network = network;
    this.axes = axes;
    this.sizes = sizes;
  }

  /** The defaults that were taken for what cannot be seen in a state dict. */
  Set<String> assumed() {
    return assumed;
  }

  /**
   * Calls a module.
   *
   * @param settings of its constructor; the caller makes sure that all were asked for
   */
  StepResult call(String type, Scope module, Arguments settings, StepResult input) {
    String kind = type;
    if (type.matches(".*\\dd")) {
      kind = type.substring(0, type.length() - 2);
      if (!type.endsWith(axes + "d") && !kind.equals("Dropout")) {
        throw settings.wrong(
            "type", "%s%sd, as the images have %s axes,".formatted(kind, axes, axes));
      }
    }
    return switch (kind) {
      case "Conv" -> convolution(module, settings, input);
      case "ConvTranspose" -> transposed(module, settings, input);
      case "BatchNorm", "SyncBatchNorm", "InstanceNorm", "GroupNorm" ->
          input.with(normalisation(kind, module, settings, input).apply(module, input.value()));
      case "PixelShuffle" -> {
        StepResult shuffled = sizes.pixelShuffle(settings, input);
        yield shuffled.with(module.tap(shuffled.value()));
      }
      case "Dropout", "AlphaDropout", "FeatureAlphaDropout" -> {
        settings.withoutEffect("p", "inplace");
        yield input.with(Layer.identity().apply(module, input.value()));
      }
      default -> input.with(module.tap(withoutWeights(kind, type, module, settings, input)));
    };
  }

  private Value withoutWeights(
      String kind, String type, Scope module, Arguments settings, StepResult input) {
    return switch (kind) {
      case "MaxPool" -> sizes.maxPool(settings, input.value());
      case "AvgPool" -> sizes.averagePool(settings, input.value());
      case "AdaptiveAvgPool" -> sizes.adaptiveAveragePool(settings, input.value());
      case "Upsample" -> sizes.resized(settings, input.value());
      case "ZeroPad" -> padded(settings, input, "constant", 0);
      case "ConstantPad" -> padded(settings, input, "constant", settings.real("value", 0));
      case "ReflectionPad" -> padded(settings, input, "reflect", 0);
      case "ReplicationPad" -> padded(settings, input, "replicate", 0);
      case "CircularPad" -> padded(settings, input, "circular", 0);
      default -> activation(type, module, settings, input);
    };
  }

  /** An activation function, which nothing taps. */
  Value activation(String type, Scope module, Arguments settings, StepResult input) {
    if (type.equals("PReLU")) {
      settings.withoutEffect("init", "num_parameters");
      return module.call("prelu", input.value(), slopes(module, settings, input));
    }
    if (type.equals("LeakyReLU")) {
      assume(settings, type, "negative_slope", 0.01);
    }
    if (type.endsWith("Softmax")) {
      requireOwnAxis(settings);
    }
    return ActivationFunctions.named(type, settings)
        .orElseThrow(
            () ->
                settings.wrong(
                    "type", "a class of torch.nn that docs/architectures/README.md lists"))
        .apply(network, input.value());
  }

  /** Along the samples, which axis 0 counts, values would hang on the other samples. */
  private void requireOwnAxis(Arguments settings) {
    long axis = Math.abs(settings.integer("dim", 1));
    if (axis < 1 || axis > axes + 1) {
      throw settings.wrong(
          "dim", "an axis of each sample, from 1 to %1$s or from -%1$s to -1,".formatted(axes + 1));
    }
  }

  private static Value slopes(Scope module, Arguments settings, StepResult input) {
    List<Long> shape = module.shape("weight");
    long slopes = shape.size() == 1 ? shape.get(0) : -1;
    if (slopes != 1 && slopes != input.channels()) {
      throw misfit(settings, module, "1 or " + input.channels() + " slopes");
    }
    return module.parameter("weight", slopes);
  }

  private Value padded(Arguments settings, StepResult input, String mode, double value) {
    List<Long> given = settings.integersOrOne("padding");
    List<Long> widths = given.size() == 1 ? Collections.nCopies(2 * axes, given.get(0)) : given;
    if (widths.size() != 2 * axes) {
      throw settings.wrong("padding", "one integer or %s".formatted(2 * axes));
    }
    return sizes.padded(input.value(), widths, mode, value);
  }

  private StepResult convolution(Scope module, Arguments settings, StepResult input) {
    List<Long> shape = weight(module, settings);
    long groups = settings.integer("groups", 1);
    requireChannels(module, settings, input, shape.get(1) * groups);
    List<Long> kernel = shape.subList(2, shape.size());
    Convolution plain =
        new Convolution(
            input.channels(),
            shape.get(0),
            kernel,
            sizes.extents(settings, "stride", 1, 1),
            Collections.nCopies(axes, 0L),
            sizes.extents(settings, "dilation", 1, 1),
            groups,
            seen(settings, module, "bias", "bias"));
    List<Long> near = near(settings, plain);
    List<Long> far = far(settings, plain, near);
    String mode =
        Sizes.oneOf(
            settings, "padding_mode", "zeros", Set.of("zeros", "reflect", "replicate", "circular"));
    if (mode.equals("zeros") && near.equals(far)) {
      Value result = plain.withPadding(near).apply(module, input.value());
      return new StepResult(result, shape.get(0));
    }
    List<Long> widths = new ArrayList<>();
    for (int axis = axes - 1; axis >= 0; axis--) {
      widths.add(near.get(axis));
      widths.add(far.get(axis));
    }
    String padding = mode.equals("zeros") ? "constant" : mode;
    Value surrounded = sizes.padded(input.value(), widths, padding, 0);
    return new StepResult(plain.apply(module, surrounded), shape.get(0));
  }

  private List<Long> near(Arguments settings, Convolution convolution) {
    if (!settings.node("padding").isTextual()) {
      return sizes.extents(settings, "padding", 0, 0);
    }
    if (Sizes.oneOf(settings, "padding", "valid", Set.of("same", "valid")).equals("valid")) {
      return Collections.nCopies(axes, 0L);
    }
    if (convolution.stride().stream().anyMatch(step -> step != 1)) {
      throw settings.wrong("padding", "a number, as the stride is not 1,");
    }
    return convolution.withSamePadding().padding();
  }

  private static List<Long> far(Arguments settings, Convolution convolution, List<Long> near) {
    if (!settings.node("padding").asText().equals("same")) {
      return near;
    }
    List<Long> far = new ArrayList<>();
    for (int i = 0; i < near.size(); i++) {
      long both = (convolution.kernel().get(i) - 1) * convolution.dilation().get(i);
      far.add(both - near.get(i));
    }
    return far;
  }

  private StepResult transposed(Scope module, Arguments settings, StepResult input) {
    List<Long> shape = weight(module, settings);
    long groups = settings.integer("groups", 1);
    requireChannels(module, settings, input, shape.get(0));
    long out = shape.get(1) * groups;
    boolean bias = seen(settings, module, "bias", "bias");
    Value result =
        module.call(
            "conv_transpose%sd".formatted(axes),
            input.value(),
            module.parameter("weight", shape.stream().mapToLong(Long::longValue).toArray()),
            module.parameterIf(bias, "bias", out),
            sizes.extents(settings, "stride", 1, 1),
            sizes.extents(settings, "padding", 0, 0),
            sizes.extents(settings, "output_padding", 0, 0),
            groups,
            sizes.extents(settings, "dilation", 1, 1));
    return new StepResult(module.tap(result), out);
  }

  private Normalisation normalisation(
      String kind, Scope module, Arguments settings, StepResult input) {
    settings.withoutEffect("momentum");
    double eps = assume(settings, kind, "eps", 1e-5);
    boolean affine = seen(settings, module, "affine", "weight");
    if (kind.equals("GroupNorm")) {
      long groups = settings.integer("num_groups");
      if (groups < 1 || input.channels() % groups != 0) {
        throw settings.wrong(
            "num_groups", "a divisor of its %s channels".formatted(input.channels()));
      }
      return new Normalisation.Group(groups, input.channels(), eps, affine);
    }
    boolean tracked = seen(settings, module, "track_running_stats", "running_mean");
    if (kind.equals("InstanceNorm")) {
      return new Normalisation.Instance(input.channels(), eps, affine, tracked);
    }
    if (!tracked && !settings.has("track_running_stats")) {
      throw new PalimpsestException(
          "%s: '%s' has no running_mean. If it goes by the statistics of the images that are shown at once, say \"track_running_stats\": false."
              .formatted(settings.what(), module.name()));
    }
    return Normalisation.batch(input.channels(), eps, affine, tracked);
  }

  private double assume(Arguments settings, String type, String name, double otherwise) {
    if (!settings.has(name)) {
      assumed.add("%s of %s is %s".formatted(name, type, otherwise));
    }
    return settings.real(name, otherwise);
  }

  /** Whether the state dict has a tensor; what the description says of it must be so. */
  private static boolean seen(Arguments settings, Scope module, String name, String tensor) {
    boolean there = module.has(tensor);
    if (settings.truth(name, there) != there) {
      throw settings.wrong(
          name,
          "%s, as the weights %s '%s.%s',"
              .formatted(there, there ? "have" : "have no", module.name(), tensor));
    }
    return there;
  }

  private List<Long> weight(Scope module, Arguments settings) {
    List<Long> shape = module.shape("weight");
    if (shape.size() != axes + 2) {
      throw misfit(settings, module, "a kernel of %s axes".formatted(axes));
    }
    return shape;
  }

  private static void requireChannels(
      Scope module, Arguments settings, StepResult input, long needed) {
    if (input.channels() != needed) {
      throw misfit(
          settings,
          module,
          "%s channels (groups %s)".formatted(input.channels(), settings.integer("groups", 1)));
    }
  }

  private static PalimpsestException misfit(Arguments settings, Scope module, String described) {
    return new PalimpsestException(
        "%s: the weight of '%s' has the shape %s, which does not fit %s, as described."
            .formatted(settings.what(), module.name(), module.shape("weight"), described));
  }
}
