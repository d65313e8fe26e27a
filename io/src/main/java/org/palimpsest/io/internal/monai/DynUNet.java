package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/**
 * {@code monai.networks.nets.DynUNet}. Its levels stand twice in the state dict: in lists, and
 * within one another in {@code skip_layers}, which is what runs.
 */
final class DynUNet implements Layer {

  private final String what;
  private final int axes;
  private final long inputs;
  private final long outputs;
  private final List<List<Long>> kernels;
  private final List<List<Long>> strides;
  private final List<List<Long>> upKernels;
  private final List<Long> filters;
  private final MonaiBlock convolution;
  private final JsonNode norm;
  private final JsonNode act;
  private final long heads;
  private final boolean residual;
  private final boolean transposedBias;

  private DynUNet(Arguments arguments) {
    what = arguments.what();
    axes = MonaiNetworks.spatialDims(arguments);
    inputs = arguments.integer("in_channels");
    outputs = arguments.integer("out_channels");
    int levels = arguments.node("strides").size();
    if (levels < 3) {
      throw arguments.wrong("strides", "a list of at least 3");
    }
    kernels = arguments.lists("kernel_size", levels, axes);
    strides = arguments.lists("strides", levels, axes);
    int ups = arguments.node("upsample_kernel_size").size();
    if (ups < levels - 1) {
      throw arguments.wrong("upsample_kernel_size", "a list of " + (levels - 1));
    }
    upKernels = arguments.lists("upsample_kernel_size", ups, axes);
    filters = filters(arguments, levels);
    JsonNode dropout = Factories.setting(arguments, "dropout", "null");
    MonaiBlock bare = MonaiBlock.bare(what);
    convolution = new MonaiBlock(what, bare.ordering(), bare.norm(), bare.act(), dropout);
    norm = Factories.setting(arguments, "norm_name", "[\"INSTANCE\", {\"affine\": true}]");
    act =
        Factories.setting(
            arguments,
            "act_name",
            "[\"leakyrelu\", {\"inplace\": true, \"negative_slope\": 0.01}]");
    boolean supervised = arguments.truth("deep_supervision", false);
    long asked = arguments.integer("deep_supr_num", 1);
    heads = supervised ? asked : 0;
    if (supervised && (asked < 1 || asked >= levels - 1)) {
      throw arguments.wrong("deep_supr_num", "1 to " + (levels - 2));
    }
    residual = arguments.truth("res_block", false);
    transposedBias = arguments.truth("trans_bias", false);
    arguments.withoutEffect("filters").requireAllAsked();
  }

  static Blueprint of(Arguments arguments) {
    DynUNet network = new DynUNet(arguments);
    return Blueprint.of(network.inputs, network.axes, network);
  }

  private List<Long> filters(Arguments arguments, int levels) {
    if (arguments.has("filters")) {
      List<Long> given = arguments.integers("filters");
      if (given.size() < levels) {
        throw arguments.wrong("filters", levels + " integers");
      }
      return given.subList(0, levels);
    }
    List<Long> usual = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      usual.add(Math.min(32L << level, axes == 3 ? 320 : 512));
    }
    return usual;
  }

  @Override
  public Value apply(Scope network, Value images) {
    Value features = level(network, network.child("skip_layers"), images, 0);
    Value output = head().apply(network.child("output_block"), features);
    return network.tap(output);
  }

  private Value level(Scope network, Scope skip, Value input, int index) {
    int last = strides.size() - 1;
    if (index == last) {
      Layer bottom = block(filters.get(last - 1), last, residual);
      return bottom.apply(network.child("bottleneck").alsoNamed(skip), input);
    }
    Scope down =
        index == 0 ? network.child("input_block") : network.child("downsamples").child(index - 1);
    long in = index == 0 ? inputs : filters.get(index - 1);
    Value skipped =
        block(in, index, residual).apply(down.alsoNamed(skip.child("downsample")), input);
    Value below = level(network, skip.child("next_layer"), skipped, index + 1);
    Scope up = network.child("upsamples").child(last - 1 - index).alsoNamed(skip.child("upsample"));
    Value above = up(up, below, skipped, index);
    if (index > 0 && index <= heads) {
      Scope head = network.child("deep_supervision_heads").child(index - 1);
      head(filters.get(index)).apply(head.alsoNamed(skip.child("super_head")), above);
    }
    return skip.tap(above);
  }

  private Value up(Scope module, Value below, Value skipped, int index) {
    long features = filters.get(index);
    List<Long> kernel = upKernels.get(index);
    List<Long> padding = padding(kernel, kernel);
    List<Long> added = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      added.add(2 * padding.get(axis));
    }
    Layer transposed =
        convolution.followedBy(
            TransposedConvolution.of(filters.get(index + 1), features, kernel, kernel)
                .withPadding(padding, added)
                .withBias(transposedBias),
            features);
    Value large = transposed.apply(module.child("transp_conv"), below);
    Value joined = module.call("cat", List.of(large, skipped), 1);
    Layer block =
        new Convolutions(
            2 * features, features, kernels.get(index + 1), MonaiBlock.all(axes, 1), false);
    return module.tap(block.apply(module.child("conv_block"), joined));
  }

  private Layer block(long in, int level, boolean withResidual) {
    return new Convolutions(
        in, filters.get(level), kernels.get(level), strides.get(level), withResidual);
  }

  private Layer head() {
    return head(filters.get(0));
  }

  private Layer head(long in) {
    Layer last = convolution.convolution(Convolution.of(axes, in, outputs, 1));
    return Layer.sequence(java.util.Map.of("conv", last));
  }

  /** MONAI rounds a half down. */
  private static List<Long> padding(List<Long> kernel, List<Long> stride) {
    List<Long> padding = new ArrayList<>();
    for (int axis = 0; axis < kernel.size(); axis++) {
      padding.add((kernel.get(axis) - stride.get(axis) + 1) / 2);
    }
    return padding;
  }

  /** {@code UnetBasicBlock} and {@code UnetResBlock}: one activation, called twice. */
  private final class Convolutions implements Layer {

    private final long in;
    private final long out;
    private final List<Long> kernel;
    private final List<Long> stride;
    private final boolean residual;

    Convolutions(long in, long out, List<Long> kernel, List<Long> stride, boolean residual) {
      this.in = in;
      this.out = out;
      this.kernel = kernel;
      this.stride = stride;
      this.residual = residual;
    }

    @Override
    public Value apply(Scope module, Value input) {
      Value value = unit(in, kernel, stride, 1, module, input);
      value = activated(module, value);
      value = unit(out, kernel, MonaiBlock.all(axes, 1), 2, module, value);
      if (residual) {
        value = module.call("add", value, around(module, input));
      }
      return module.tap(activated(module, value));
    }

    private Value around(Scope module, Value input) {
      boolean projected = in != out || stride.stream().anyMatch(step -> step != 1);
      return projected ? unit(in, MonaiBlock.all(axes, 1), stride, 3, module, input) : input;
    }

    private Value unit(
        long from, List<Long> extent, List<Long> step, int number, Scope module, Value input) {
      Layer layer =
          convolution.convolution(
              Convolution.of(from, out, extent)
                  .withStride(step)
                  .withPadding(padding(extent, step))
                  .withBias(false));
      Value value = layer.apply(module.child("conv" + number), input);
      Optional<Layer> normalisation = Factories.normalisation(norm, out, what);
      return normalisation.isEmpty()
          ? value
          : normalisation.get().apply(module.child("norm" + number), value);
    }

    private Value activated(Scope module, Value input) {
      Optional<Layer> activation = Factories.activation(act, what);
      return activation.isEmpty() ? input : activation.get().apply(module.child("lrelu"), input);
    }
  }
}
