package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Scope;

/** {@code monai.networks.nets.AttentionUnet}, after Oktay et al. (arXiv 1804.03999). */
final class AttentionUnet implements Layer {

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
    Layer head = block(levels.inputs(), levels.channels().get(0), Block.all(levels.axes(), 1));
    Layer last =
        Block.only(Convolution.of(levels.axes(), levels.channels().get(0), levels.outputs(), 1));
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
        Block.usual(what, dropout)
            .convolution(
                Block.padded(
                    2 * own, own, Block.all(levels.axes(), 3), Block.all(levels.axes(), 1), true));
    return module.tap(merge.apply(module.child("merge"), joined));
  }

  private Value attention(Scope module, Value gate, Value skip, long own) {
    long within = own / 2;
    Value fromGate = projected(own, within).apply(module.child("W_g"), gate);
    Value fromSkip = projected(own, within).apply(module.child("W_x"), skip);
    Value sum = module.call("add", fromGate, fromSkip);
    Value active = Activations.relu().apply(module.child("relu"), sum);
    Layer psi =
        Layer.sequence(
            Block.only(Convolution.of(levels.axes(), within, 1, 1)),
            new Normalisation.Batch(1, 1e-5, true),
            Activations.sigmoid());
    Value weights = psi.apply(module.child("psi"), active);
    return module.tap(module.call("mul", skip, weights));
  }

  private Layer projected(long in, long out) {
    return Layer.sequence(
        Block.only(Convolution.of(levels.axes(), in, out, 1)),
        new Normalisation.Batch(out, 1e-5, true));
  }

  private Layer block(long in, long out, List<Long> stride) {
    Block block = activated(dropout);
    Layer convolutions =
        Layer.sequence(
            block.convolution(Block.padded(in, out, levels.kernel(), stride, true)),
            block.convolution(
                Block.padded(out, out, levels.kernel(), Block.all(levels.axes(), 1), true)));
    return Layer.sequence(Map.of("conv", convolutions));
  }

  private Block activated(JsonNode dropped) {
    return new Block(what, "NDA", Factories.json("\"BATCH\""), Factories.json("\"relu\""), dropped);
  }
}
