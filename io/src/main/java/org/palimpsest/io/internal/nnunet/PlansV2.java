package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;

/**
 * The plans of nnU-Net v2 in both of their forms: since 2.3 they name the network's class and all
 * arguments of its constructor; before, sizes alone, the rest being fixed in the code.
 */
final class PlansV2 {

  /** Convolutions or blocks of a stage. */
  static final int MOST_DEPTH = 1000;

  private final String source;
  private static final String TORCH = "torch.nn.";
  private static final String NETWORKS = "dynamic_network_architectures.";

  /** All that nnU-Net looks at where plans describe a network. */
  private static final Set<String> OF_ARCHITECTURE =
      Set.of("network_class_name", "arch_kwargs", "_kw_requires_import");

  private final JsonNode plans;
  private final JsonNode dataset;

  /**
   * @param source what to call the file in messages
   * @param plans plans.json
   * @param dataset dataset.json
   */
  PlansV2(String source, JsonNode plans, JsonNode dataset) {
    this.source = source;
    this.plans = plans;
    this.dataset = dataset;
  }

  /**
   * What the network of a configuration is built from.
   *
   * @throws PalimpsestException if there is no such configuration, or it asks for what is not known
   */
  UNetPlan plan(String name) {
    JsonNode configuration = configuration(name);
    long inputs = inputs(configuration);
    JsonNode architecture = configuration.path("architecture");
    requireKnown(name, architecture);
    return architecture.isObject()
        ? named(name, architecture, inputs)
        : old(Arguments.of(where(name), configuration), inputs);
  }

  private void requireKnown(String configuration, JsonNode architecture) {
    architecture
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!OF_ARCHITECTURE.contains(field)) {
                throw new PalimpsestException(
                    "%s has '%s' in its architecture, which is not known here; nnU-Net's plans have %s there."
                        .formatted(
                            where(configuration),
                            field,
                            String.join(", ", new TreeSet<>(OF_ARCHITECTURE))));
              }
            });
  }

  /** Whether every channel of the images is brought to mean 0 and deviation 1 by itself. */
  boolean normaliseByZScores(String name) {
    JsonNode schemes = configuration(name, new HashSet<>()).path("normalization_schemes");
    boolean all = schemes.isArray() && !schemes.isEmpty();
    for (JsonNode scheme : schemes) {
      all &= scheme.asText().equals("ZScoreNormalization");
    }
    return all;
  }

  /** A configuration with what it inherits. */
  JsonNode configuration(String name) {
    return configuration(name, new HashSet<>());
  }

  private JsonNode configuration(String name, Set<String> seen) {
    JsonNode configuration = plans.path("configurations").path(name);
    if (!seen.add(name)) {
      throw new PalimpsestException(
          "%s: its configuration '%s' inherits from itself ('inherits_from'). Mend the plans."
              .formatted(source, name));
    }
    if (!configuration.isObject()) {
      List<String> known = new ArrayList<>();
      plans.path("configurations").fieldNames().forEachRemaining(known::add);
      throw new PalimpsestException(
          "%s has no usable configuration '%s' in its plans; there are %s."
              .formatted(source, name, String.join(", ", known)));
    }
    JsonNode parent = configuration.path("inherits_from");
    if (!parent.isTextual()) {
      return configuration;
    }
    ObjectNode merged = configuration(parent.textValue(), seen).deepCopy();
    configuration.fields().forEachRemaining(field -> merged.set(field.getKey(), field.getValue()));
    return merged;
  }

  private String where(String configuration) {
    return "Configuration '%s' of %s".formatted(configuration, source);
  }

  private UNetPlan named(String configuration, JsonNode architecture, long inputs) {
    UNetPlan.Form form = form(architecture.path("network_class_name").asText());
    Arguments arguments =
        Arguments.of(
            "%s in %s".formatted(form.className(), where(configuration)),
            architecture.path("arch_kwargs"));
    int axes = axes(arguments);
    int stages = stages(arguments.integer("n_stages"));
    List<Long> features = arguments.integers("features_per_stage", stages);
    boolean residual = form.hasResidualEncoder();
    UNetPlan plan =
        new UNetPlan(
            form,
            inputs,
            outputs(),
            features,
            arguments.lists("kernel_sizes", stages, axes),
            arguments.lists("strides", stages, axes),
            depths(arguments, residual ? "n_blocks_per_stage" : "n_conv_per_stage", stages),
            depths(arguments, "n_conv_per_stage_decoder", stages - 1),
            arguments.truth("conv_bias", false),
            hasDropout(arguments),
            normalisation(arguments, axes),
            activation(arguments),
            !residual && arguments.truth("nonlin_first", false),
            bottleneck(arguments, residual, stages),
            residual
                ? arguments.optionalInteger("stem_channels").orElse(features.get(0))
                : features.get(0));
    arguments.withoutEffect("deep_supervision").requireAllAsked();
    return plan;
  }

  private UNetPlan old(Arguments arguments, long inputs) {
    UNetPlan.Form form = form(arguments.text("UNet_class_name"));
    int stages = stages(arguments.node("pool_op_kernel_sizes").size());
    int axes = arguments.node("patch_size").size();
    long most = arguments.integer("unet_max_num_features");
    List<Long> features = new ArrayList<>();
    long next = arguments.integer("UNet_base_num_features");
    for (int stage = 0; stage < stages; stage++) {
      features.add(Math.min(next, most));
      next = Math.min(2 * next, most);
    }
    return new UNetPlan(
        form,
        inputs,
        outputs(),
        features,
        arguments.lists("conv_kernel_sizes", stages, axes),
        arguments.lists("pool_op_kernel_sizes", stages, axes),
        depths(arguments, "n_conv_per_stage_encoder", stages),
        depths(arguments, "n_conv_per_stage_decoder", stages - 1),
        true,
        false,
        Optional.of(channels -> new Normalisation.Instance(channels, 1e-5, true, false)),
        Optional.of(ActivationFunctions.leakyRelu(0.01)),
        false,
        Optional.empty(),
        features.get(0));
  }

  private UNetPlan.Form form(String name) {
    boolean known = !name.contains(".") || name.startsWith(NETWORKS);
    String simple = lastPart(name);
    for (UNetPlan.Form form : UNetPlan.Form.values()) {
      if (known && form.className().equals(simple)) {
        return form;
      }
    }
    throw new PalimpsestException(
        "%s holds a network of the class '%s', which is not known here (%s are). Export it with"
                .formatted(
                    source,
                    name,
                    "PlainConvUNet, ResidualEncoderUNet and ResidualUNet of dynamic_network_architectures")
            + " torch.export.save and give the .pt2 file.");
  }

  private int stages(long stages) {
    if (stages < 2 || stages > 20) {
      throw new PalimpsestException(
          "%s plans a network of %s stages; 2 to 20 are known.".formatted(source, stages));
    }
    return (int) stages;
  }

  private static List<Long> depths(Arguments arguments, String name, int stages) {
    List<Long> depths = arguments.integers(name, stages);
    if (depths.stream().anyMatch(depth -> depth > MOST_DEPTH)) {
      throw arguments.wrong(name, "at most " + MOST_DEPTH);
    }
    return depths;
  }

  private static int axes(Arguments arguments) {
    String convolution = ofTorch(arguments.text("conv_op"));
    return switch (convolution) {
      case "Conv1d" -> 1;
      case "Conv2d" -> 2;
      case "Conv3d" -> 3;
      default -> throw arguments.wrong("conv_op", "torch.nn.Conv1d, Conv2d or Conv3d");
    };
  }

  private static boolean hasDropout(Arguments arguments) {
    arguments.withoutEffect("dropout_op_kwargs");
    Optional<String> dropout = arguments.optionalText("dropout_op").map(PlansV2::ofTorch);
    if (dropout.isPresent() && !dropout.get().matches("(Alpha)?Dropout[123]?d?")) {
      throw arguments.wrong("dropout_op", "one of torch.nn.Dropout to Dropout3d");
    }
    return dropout.isPresent();
  }

  private static Optional<LongFunction<Layer>> normalisation(Arguments arguments, int axes) {
    Optional<String> name = arguments.optionalText("norm_op").map(PlansV2::ofTorch);
    Arguments inner = arguments.within("norm_op_kwargs").withoutEffect("momentum");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    double eps = inner.real("eps", 1e-5);
    if (eps < 0) {
      throw inner.wrong("eps", "a number of at least 0");
    }
    boolean batch = name.get().equals("BatchNorm%sd".formatted(axes));
    boolean affine = inner.truth("affine", batch);
    boolean tracked = inner.truth("track_running_stats", batch);
    inner.requireAllAsked();
    if (batch) {
      return Optional.of(channels -> Normalisation.batch(channels, eps, affine, tracked));
    }
    if (name.get().equals("InstanceNorm%sd".formatted(axes))) {
      return Optional.of(channels -> new Normalisation.Instance(channels, eps, affine, tracked));
    }
    throw arguments.wrong(
        "norm_op", "torch.nn.InstanceNorm%sd or BatchNorm%sd".formatted(axes, axes));
  }

  private static Optional<Layer> activation(Arguments arguments) {
    Optional<String> name = arguments.optionalText("nonlin").map(PlansV2::ofTorch);
    Arguments inner = arguments.within("nonlin_kwargs");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<Layer> layer = ActivationFunctions.named(name.get(), inner);
    if (layer.isEmpty()) {
      throw arguments.wrong(
          "nonlin", "one of torch.nn's " + String.join(", ", ActivationFunctions.NAMES));
    }
    return layer;
  }

  private static Optional<List<Long>> bottleneck(
      Arguments arguments, boolean residual, int stages) {
    if (!residual) {
      return Optional.empty();
    }
    String named = arguments.text("block", NETWORKS + "BasicBlockD");
    String block = named.startsWith(NETWORKS) ? lastPart(named) : "";
    boolean given = arguments.has("bottleneck_channels");
    return switch (block) {
      case "BasicBlockD" -> {
        if (given) {
          arguments.integers("bottleneck_channels", stages);
        }
        arguments.withoutEffect("bottleneck_channels");
        yield Optional.empty();
      }
      case "BottleneckD" -> Optional.of(arguments.integers("bottleneck_channels", stages));
      default ->
          throw arguments.wrong(
              "block", "BasicBlockD or BottleneckD of dynamic_network_architectures");
    };
  }

  /** The images' channels; in a cascade, the classes that the stage before found as well. */
  private long inputs(JsonNode configuration) {
    JsonNode older = dataset.path("modality"); // counts where both are there
    JsonNode channels = older.isMissingNode() ? dataset.path("channel_names") : older;
    if (channels.isEmpty()) {
      throw new PalimpsestException(source + " names no channels in its dataset.json.");
    }
    boolean cascade = configuration.hasNonNull("previous_stage");
    return channels.size() + (cascade ? labels().stream().filter(label -> label != 0).count() : 0);
  }

  private long outputs() {
    boolean regions = false;
    long foreground = 0;
    for (Map.Entry<String, JsonNode> label : dataset.path("labels").properties()) {
      JsonNode value = label.getValue();
      regions |= value.size() > 1;
      boolean background = value.isArray() ? onlyZeros(value) : value.asLong() == 0;
      foreground += background || label.getKey().equals("ignore") ? 0 : 1;
    }
    return regions ? foreground : labels().size();
  }

  private static boolean onlyZeros(JsonNode values) {
    for (JsonNode value : values) {
      if (value.asLong() != 0) {
        return false;
      }
    }
    return true;
  }

  /** All labels but the one for what is not annotated. */
  private Set<Long> labels() {
    Set<Long> all = new TreeSet<>();
    for (Map.Entry<String, JsonNode> label : dataset.path("labels").properties()) {
      JsonNode value = label.getValue();
      if (label.getKey().equals("ignore")) {
        continue;
      }
      if (value.isArray()) {
        value.forEach(item -> all.add(item.asLong()));
      } else {
        all.add(value.asLong());
      }
    }
    if (all.isEmpty()) {
      throw new PalimpsestException(source + " names no labels in its dataset.json.");
    }
    return Collections.unmodifiableSet(all);
  }

  /** A class of PyTorch's by its own name; one of any other package may do something else. */
  private static String ofTorch(String name) {
    return name.startsWith(TORCH) ? lastPart(name) : "";
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
