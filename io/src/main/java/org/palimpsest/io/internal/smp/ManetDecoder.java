package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/** {@code MAnet}: attention of places in the deepest feature, of channels in each block. */
record ManetDecoder(
    List<Long> channels,
    List<Long> widths,
    long inner,
    Interpolation interpolation,
    ConvolutionBlock convolutions)
    implements Decoder {

  private static final long REDUCTION = 16;

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 5);
    List<Long> widths = Widths.of(arguments, encoder);
    ManetDecoder decoder =
        new ManetDecoder(
            encoder.channels(),
            widths,
            arguments.integer("decoder_pab_channels", 64),
            Interpolation.of(arguments),
            ConvolutionBlock.of(arguments, "decoder_use_batchnorm"));
    long last = widths.get(widths.size() - 1);
    return Network.of(arguments, encoder, decoder, Heads.segmentation(arguments, last, 3, 1));
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    int depth = widths.size();
    long in = channels.get(depth);
    Value value = attended(decoder.child("center"), features.get(depth), in);
    for (int i = 0; i < depth; i++) {
      int level = depth - 1 - i;
      Scope module = decoder.child("blocks").child(i);
      Value joined =
          level == 0
              ? interpolation.doubled(module, value)
              : fused(module, value, features.get(level), in, channels.get(level));
      long width = level == 0 ? in : 2 * channels.get(level);
      long out = widths.get(i);
      value = convolutions.of(width, out, 3).apply(module.child("conv1"), joined);
      value = module.tap(convolutions.of(out, out, 3).apply(module.child("conv2"), value));
      in = out;
    }
    return value;
  }

  /** The softmax goes over all pairs of places, and its product is reshaped, not transposed. */
  private Value attended(Scope module, Value input, long in) {
    Value top = Convolution.of(2, in, inner, 1).apply(module.child("top_conv"), input);
    Value center = Convolution.of(2, in, inner, 1).apply(module.child("center_conv"), input);
    Layer wide = Convolution.of(2, in, in, 3).withSamePadding();
    Value bottom = wide.apply(module.child("bottom_conv"), input);
    Value pairs = module.call("matmul", places(module, center), module.call("flatten", top, 2, -1));
    Value flat = module.call("flatten", pairs, 1, -1);
    Value weights = Activations.softmax().apply(module.child("map_softmax"), flat);
    Value squared = module.call("view_as", weights, pairs);
    Value product = module.call("matmul", squared, places(module, bottom));
    Value sum = module.call("add", input, module.call("reshape_as", product, input));
    return module.tap(wide.apply(module.child("out_conv"), sum));
  }

  private static Value places(Scope module, Value map) {
    return module.call("transpose", module.call("flatten", map, 2, -1), 1, 2);
  }

  private Value fused(Scope module, Value input, Value skip, long in, long skipped) {
    Layer narrowing = Layer.sequence(convolutions.of(in, in, 3), convolutions.of(in, skipped, 1));
    Value high = narrowing.apply(module.child("hl_conv"), input);
    high = interpolation.doubled(module, high);
    Layer squeezed = squeezed(skipped);
    Value ofHigh = squeezed.apply(module.child("SE_hl"), high);
    Value ofSkip = squeezed.apply(module.child("SE_ll"), skip);
    Value scaled = module.call("mul", high, module.call("add", ofHigh, ofSkip));
    return module.call("cat", List.of(scaled, skip), 1);
  }

  private static Layer squeezed(long channels) {
    long reduced = Math.max(1, channels / REDUCTION);
    return Layer.sequence(
        Pooling.averageTo(List.of(1L, 1L)),
        Convolution.of(2, channels, reduced, 1),
        Activations.relu(),
        Convolution.of(2, reduced, channels, 1),
        Activations.sigmoid());
  }
}
