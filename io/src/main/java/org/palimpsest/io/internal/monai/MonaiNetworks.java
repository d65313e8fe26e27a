package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/** The networks of MONAI that are known, by the names of their classes. */
public final class MonaiNetworks {

  /** The names of their classes. */
  public static final List<String> NAMES =
      List.of("UNet", "BasicUNet", "DynUNet", "SegResNet", "AttentionUnet");

  private MonaiNetworks() {}

  /**
   * A network.
   *
   * @param className without its package; MONAI's own spellings are known
   * @return empty if there is no such network
   * @throws PalimpsestException if an argument is missing, of the wrong form, or not known
   */
  public static Optional<Blueprint> of(String className, Arguments arguments) {
    return switch (className) {
      case "UNet", "Unet" -> Optional.of(UNet.of(arguments));
      case "BasicUNet", "BasicUnet", "Basicunet", "basicunet" ->
          Optional.of(BasicUNet.of(arguments));
      case "DynUNet", "DynUnet", "Dynunet" -> Optional.of(DynUNet.of(arguments));
      case "SegResNet" -> Optional.of(SegResNet.of(arguments));
      case "AttentionUnet" -> Optional.of(AttentionUnet.of(arguments));
      default -> Optional.empty();
    };
  }

  /** How many axes the images have. */
  static int spatialDims(Arguments arguments) {
    long axes = arguments.integer("spatial_dims");
    if (axes != 2 && axes != 3) {
      throw arguments.wrong("spatial_dims", "2 or 3");
    }
    return (int) axes;
  }

  /**
   * The arguments that U-Nets of levels within levels have in common.
   *
   * @param channels of each level, the top first
   * @param strides between levels; more than are needed are allowed and without effect
   */
  private record Levels(
      int axes,
      long inputs,
      long outputs,
      List<Long> channels,
      List<List<Long>> strides,
      List<Long> kernel,
      List<Long> upKernel) {

    static Levels of(Arguments arguments) {
      int axes = spatialDims(arguments);
      List<Long> channels = arguments.integers("channels");
      int given = arguments.node("strides").size();
      if (channels.size() < 2 || given < channels.size() - 1) {
        throw arguments.wrong("strides", "one stride less than channels, and 2 channels at least,");
      }
      return new Levels(
          axes,
          arguments.integer("in_channels"),
          arguments.integer("out_channels"),
          channels,
          arguments.lists("strides", given, axes),
          arguments.integers("kernel_size", axes, 3),
          arguments.integers("up_kernel_size", axes, 3));
    }

    /** Whether the level below this one is the bottom. */
    boolean isLowest(int index) {
      return index == channels.size() - 2;
    }
  }

  /** {@code monai.networks.nets.UNet}: each level lies within the one above. */
  private static final class UNet implements Layer {

    private final Levels levels;
    private final long units;
    private final boolean bias;
    private final MonaiBlock block;

    private UNet(Arguments arguments) {
      levels = Levels.of(arguments);
      units = arguments.integer("num_res_units", 0);
      bias = arguments.truth("bias", true);
      block =
          new MonaiBlock(
              arguments.what(),
              arguments.text("adn_ordering", "NDA"),
              Factories.setting(arguments, "norm", "\"INSTANCE\""),
              Factories.setting(arguments, "act", "\"PRELU\""),
              Factories.setting(arguments, "dropout", "0.0"));
      arguments.requireAllAsked();
    }

    static Blueprint of(Arguments arguments) {
      UNet network = new UNet(arguments);
      return Blueprint.of(network.levels.inputs(), network.levels.axes(), network);
    }

    @Override
    public Value apply(Scope network, Value images) {
      return network.tap(
          level(network.child("model"), images, 0, levels.inputs(), levels.outputs()));
    }

    /** A level takes {@code in} channels and gives {@code out}. */
    private Value level(Scope model, Value input, int index, long in, long out) {
      long own = levels.channels().get(index);
      boolean lowest = levels.isLowest(index);
      Value down = down(in, own, levels.strides().get(index)).apply(model.child(0), input);
      Scope connection = model.child(1);
      Scope within = connection.child("submodule");
      long below = lowest ? levels.channels().get(index + 1) : own;
      Value inner =
          lowest
              ? down(own, below, MonaiBlock.all(levels.axes(), 1)).apply(within, down)
              : level(within, down, index + 1, own, own);
      Value joined = connection.tap(connection.call("cat", List.of(down, inner), 1));
      Value up =
          up(own + below, out, levels.strides().get(index), index == 0)
              .apply(model.child(2), joined);
      return model.tap(up);
    }

    private Layer down(long in, long out, List<Long> stride) {
      return units > 0
          ? block.residual(MonaiBlock.padded(in, out, levels.kernel(), stride, bias), units, false)
          : block.convolution(MonaiBlock.padded(in, out, levels.kernel(), stride, bias));
    }

    private Layer up(long in, long out, List<Long> stride, boolean top) {
      if (units == 0) {
        return top
            ? MonaiBlock.only(MonaiBlock.transposedAlone(in, out, levels.upKernel(), stride, bias))
            : block.transposed(in, out, levels.upKernel(), stride, bias);
      }
      return Layer.sequence(
          block.transposed(in, out, levels.upKernel(), stride, bias),
          block.residual(
              MonaiBlock.padded(out, out, levels.kernel(), MonaiBlock.all(levels.axes(), 1), bias),
              1,
              top));
    }
  }

  /** {@code monai.networks.nets.AttentionUnet}, after Oktay et al. (arXiv 1804.03999). */
  private static final class AttentionUnet implements Layer {

    private final String what;
    private final Levels levels;
    private final JsonNode dropout;

    private AttentionUnet(Arguments arguments) {
      what = arguments.what();
      levels = Levels.of(arguments);
      dropout = Factories.setting(arguments, "dropout", "0.0");
      arguments.requireAllAsked();
    }

    static Blueprint of(Arguments arguments) {
      AttentionUnet network = new AttentionUnet(arguments);
      return Blueprint.of(network.levels.inputs(), network.levels.axes(), network);
    }

    @Override
    public Value apply(Scope network, Value images) {
      Layer head =
          block(levels.inputs(), levels.channels().get(0), MonaiBlock.all(levels.axes(), 1));
      Layer last =
          MonaiBlock.only(
              Convolution.of(levels.axes(), levels.channels().get(0), levels.outputs(), 1));
      Layer model = Layer.sequence(head, (module, input) -> level(module, input, 0), last);
      return network.tap(model.apply(network.child("model"), images));
    }

    private Value level(Scope module, Value input, int index) {
      long own = levels.channels().get(index);
      long below = levels.channels().get(index + 1);
      List<Long> stride = levels.strides().get(index);
      Layer down = block(own, below, stride);
      boolean lowest = levels.isLowest(index);
      Layer within =
          lowest ? down : Layer.sequence(down, (inner, value) -> level(inner, value, index + 1));
      Value lower = within.apply(module.child("submodule"), input);
      Layer up =
          activated(Factories.json("0.0")).transposed(below, own, levels.upKernel(), stride, true);
      Value raised = Layer.sequence(Map.of("up", up)).apply(module.child("upconv"), lower);
      Value attended = attention(module.child("attention"), raised, input, own);
      Value joined = module.call("cat", List.of(attended, raised), 1);
      Layer merge =
          MonaiBlock.usual(what, dropout)
              .convolution(
                  MonaiBlock.padded(
                      2 * own,
                      own,
                      MonaiBlock.all(levels.axes(), 3),
                      MonaiBlock.all(levels.axes(), 1),
                      true));
      return module.tap(merge.apply(module.child("merge"), joined));
    }

    private Value attention(Scope module, Value gate, Value skip, long own) {
      long within = own / 2;
      Value fromGate = projected(own, within).apply(module.child("W_g"), gate);
      Value fromSkip = projected(own, within).apply(module.child("W_x"), skip);
      Value sum = module.call("add", fromGate, fromSkip);
      Value active = ActivationFunctions.relu().apply(module.child("relu"), sum);
      Layer psi =
          Layer.sequence(
              MonaiBlock.only(Convolution.of(levels.axes(), within, 1, 1)),
              new Normalisation.Batch(1, 1e-5, true),
              ActivationFunctions.sigmoid());
      Value weights = psi.apply(module.child("psi"), active);
      return module.tap(module.call("mul", skip, weights));
    }

    private Layer projected(long in, long out) {
      return Layer.sequence(
          MonaiBlock.only(Convolution.of(levels.axes(), in, out, 1)),
          new Normalisation.Batch(out, 1e-5, true));
    }

    private Layer block(long in, long out, List<Long> stride) {
      MonaiBlock block = activated(dropout);
      Layer convolutions =
          Layer.sequence(
              block.convolution(MonaiBlock.padded(in, out, levels.kernel(), stride, true)),
              block.convolution(
                  MonaiBlock.padded(
                      out, out, levels.kernel(), MonaiBlock.all(levels.axes(), 1), true)));
      return Layer.sequence(Map.of("conv", convolutions));
    }

    private MonaiBlock activated(JsonNode dropped) {
      return new MonaiBlock(
          what, "NDA", Factories.json("\"BATCH\""), Factories.json("\"relu\""), dropped);
    }
  }

  /** {@code monai.networks.nets.BasicUNet}: five levels, max pooling, two convolutions each. */
  private static final class BasicUNet implements Layer {

    private static final int LEVELS = 5;

    private final int axes;
    private final long inputs;
    private final long outputs;
    private final List<Long> features;
    private final boolean bias;
    private final Upsampling upsampling;
    private final MonaiBlock block;

    private BasicUNet(Arguments arguments) {
      axes = arguments.isGiven("spatial_dims") ? spatialDims(arguments) : 3;
      inputs = arguments.integer("in_channels", 1);
      outputs = arguments.integer("out_channels", 2);
      features =
          arguments.isGiven("features")
              ? arguments.integers("features", LEVELS + 1)
              : List.of(32L, 32L, 64L, 128L, 256L, 32L);
      bias = arguments.truth("bias", true);
      upsampling = Upsampling.of(arguments, "upsample", Upsampling.DECONV);
      JsonNode activation =
          Factories.setting(
              arguments, "act", "[\"LeakyReLU\", {\"negative_slope\": 0.1, \"inplace\": true}]");
      JsonNode normalisation =
          Factories.setting(arguments, "norm", "[\"instance\", {\"affine\": true}]");
      JsonNode dropout = Factories.setting(arguments, "dropout", "0.0");
      block = new MonaiBlock(arguments.what(), "NDA", normalisation, activation, dropout);
      arguments.withoutEffect("spatial_dims", "features").requireAllAsked();
    }

    static Blueprint of(Arguments arguments) {
      BasicUNet network = new BasicUNet(arguments);
      return Blueprint.of(network.inputs, network.axes, network);
    }

    @Override
    public Value apply(Scope network, Value images) {
      List<Value> skips = new ArrayList<>();
      Value value = twice(inputs, features.get(0)).apply(network.child("conv_0"), images);
      for (int level = 1; level < LEVELS; level++) {
        skips.add(value);
        value = down(level).apply(network.child("down_" + level), value);
      }
      long channels = features.get(LEVELS - 1);
      for (int level = LEVELS - 1; level > 0; level--) {
        long out = level == 1 ? features.get(LEVELS) : features.get(level - 1);
        Scope module = network.child("upcat_" + level);
        value = up(module, value, channels, skips.get(level - 1), level, out);
        channels = out;
      }
      return network.tap(
          Convolution.of(axes, channels, outputs, 1).apply(network.child("final_conv"), value));
    }

    private Layer down(int level) {
      return (module, input) -> {
        Value pooled =
            Pooling.max(MonaiBlock.all(axes, 2)).apply(module.child("max_pooling"), input);
        return module.tap(
            twice(features.get(level - 1), features.get(level))
                .apply(module.child("convs"), pooled));
      };
    }

    private Value up(Scope module, Value below, long in, Value skip, int level, long out) {
      long upsampled = level == 1 ? in : in / 2;
      Value large =
          upsampling.layer(axes, in, upsampled, true, true).apply(module.child("upsample"), below);
      Value joined = module.call("cat", List.of(skip, fitted(module, large, skip)), 1);
      Layer convolutions = twice(features.get(level - 1) + upsampled, out);
      return module.tap(convolutions.apply(module.child("convs"), joined));
    }

    /** Where the skip is larger by one, as after pooling an odd size, the far edge is repeated. */
    private Value fitted(Scope module, Value large, Value skip) {
      List<Argument> padding = new ArrayList<>();
      for (int axis = axes + 1; axis > 1; axis--) {
        Value wanted = module.call("size", skip, axis);
        Value there = module.call("size", large, axis);
        padding.add(new Argument.Int(0));
        padding.add(module.call("sub", wanted, there));
      }
      return module.call(
          "pad", large, new Argument.Items(Argument.Element.INT, padding), "replicate");
    }

    private Layer twice(long in, long out) {
      List<Long> kernel = MonaiBlock.all(axes, 3);
      List<Long> stride = MonaiBlock.all(axes, 1);
      return Layer.sequence(
          ordered(
              block.convolution(MonaiBlock.padded(in, out, kernel, stride, bias)),
              block.convolution(MonaiBlock.padded(out, out, kernel, stride, bias))));
    }

    private static Map<String, Layer> ordered(Layer first, Layer second) {
      Map<String, Layer> parts = new LinkedHashMap<>();
      parts.put("conv_0", first);
      parts.put("conv_1", second);
      return parts;
    }
  }
}
