package org.palimpsest.io.monai;

import java.util.List;
import org.palimpsest.io.graph.Value;
import org.palimpsest.io.nn.Arguments;
import org.palimpsest.io.nn.Blueprint;
import org.palimpsest.io.nn.Layer;
import org.palimpsest.io.nn.Scope;

/** {@code monai.networks.nets.UNet}: each level lies within the one above. */
final class UNet implements Layer {

  private final int axes;
  private final long inputs;
  private final long outputs;
  private final List<Long> channels;
  private final List<List<Long>> strides;
  private final List<Long> kernel;
  private final List<Long> upKernel;
  private final long units;
  private final boolean bias;
  private final Block block;

  private UNet(Arguments arguments) {
    axes = Networks.axes(arguments, "spatial_dims");
    inputs = arguments.integer("in_channels");
    outputs = arguments.integer("out_channels");
    channels = arguments.integers("channels");
    int given = arguments.node("strides").size();
    if (channels.size() < 2 || given < channels.size() - 1) {
      throw arguments.wrong("strides", "one stride less than channels, and 2 channels at least,");
    }
    strides = arguments.lists("strides", given, axes);
    kernel = arguments.has("kernel_size") ? arguments.integers("kernel_size", axes) : threes();
    upKernel =
        arguments.has("up_kernel_size") ? arguments.integers("up_kernel_size", axes) : threes();
    units = arguments.integer("num_res_units", 0);
    bias = arguments.truth("bias", true);
    block =
        new Block(
            arguments.what(),
            arguments.text("adn_ordering", "NDA"),
            Factories.setting(arguments, "norm", "\"INSTANCE\""),
            Factories.setting(arguments, "act", "\"PRELU\""),
            Factories.setting(arguments, "dropout", "0.0"));
    arguments.withoutEffect("kernel_size", "up_kernel_size").requireAllAsked();
  }

  static Blueprint of(Arguments arguments) {
    UNet network = new UNet(arguments);
    return Blueprint.of(network.inputs, network.axes, network);
  }

  private List<Long> threes() {
    return Block.all(axes, 3);
  }

  @Override
  public Value apply(Scope network, Value images) {
    return network.tap(level(network.child("model"), images, 0, inputs, outputs));
  }

  /** A level takes {@code in} channels and gives {@code out}. */
  private Value level(Scope model, Value input, int index, long in, long out) {
    long own = channels.get(index);
    boolean lowest = index == channels.size() - 2;
    Value down = down(in, own, strides.get(index)).apply(model.child(0), input);
    Scope connection = model.child(1);
    Scope within = connection.child("submodule");
    long below = lowest ? channels.get(index + 1) : own;
    Value inner =
        lowest
            ? down(own, below, Block.all(axes, 1)).apply(within, down)
            : level(within, down, index + 1, own, own);
    Value joined = connection.tap(connection.call("cat", List.of(down, inner), 1));
    Value up = up(own + below, out, strides.get(index), index == 0).apply(model.child(2), joined);
    return model.tap(up);
  }

  private Layer down(long in, long out, List<Long> stride) {
    return units > 0
        ? block.residual(in, out, kernel, stride, bias, units, false)
        : block.convolution(Block.padded(in, out, kernel, stride, bias));
  }

  private Layer up(long in, long out, List<Long> stride, boolean top) {
    if (units == 0) {
      return top
          ? Block.only(Block.transposedAlone(in, out, upKernel, stride, bias))
          : block.transposed(in, out, upKernel, stride, bias);
    }
    return Layer.sequence(
        block.transposed(in, out, upKernel, stride, bias),
        block.residual(out, out, kernel, Block.all(axes, 1), bias, 1, top));
  }
}
