package org.palimpsest.io.internal.monai;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;

/** {@code monai.networks.nets.UNet}: each level lies within the one above. */
final class UNet implements Layer {

  private final Levels levels;
  private final long units;
  private final boolean bias;
  private final Block block;

  private UNet(Arguments arguments) {
    levels = Levels.of(arguments);
    units = arguments.integer("num_res_units", 0);
    bias = arguments.truth("bias", true);
    block =
        new Block(
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
    return network.tap(level(network.child("model"), images, 0, levels.inputs(), levels.outputs()));
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
            ? down(own, below, Block.all(levels.axes(), 1)).apply(within, down)
            : level(within, down, index + 1, own, own);
    Value joined = connection.tap(connection.call("cat", List.of(down, inner), 1));
    Value up =
        up(own + below, out, levels.strides().get(index), index == 0).apply(model.child(2), joined);
    return model.tap(up);
  }

  private Layer down(long in, long out, List<Long> stride) {
    return units > 0
        ? block.residual(in, out, levels.kernel(), stride, bias, units, false)
        : block.convolution(Block.padded(in, out, levels.kernel(), stride, bias));
  }

  private Layer up(long in, long out, List<Long> stride, boolean top) {
    if (units == 0) {
      return top
          ? Block.only(Block.transposedAlone(in, out, levels.upKernel(), stride, bias))
          : block.transposed(in, out, levels.upKernel(), stride, bias);
    }
    return Layer.sequence(
        block.transposed(in, out, levels.upKernel(), stride, bias),
        block.residual(out, out, levels.kernel(), Block.all(levels.axes(), 1), bias, 1, top));
  }
}
