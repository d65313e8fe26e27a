package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;

/** {@code Linknet}: features are added to what transposed convolutions enlarge. */
record LinknetDecoder(List<Long> channels, ConvolutionBlock convolutions) implements Decoder {

  private static final long LAST = 32;

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 5);
    ConvolutionBlock convolutions = ConvolutionBlock.of(arguments, "decoder_use_batchnorm");
    LinknetDecoder decoder = new LinknetDecoder(encoder.channels(), convolutions);
    return Network.of(arguments, encoder, decoder, Heads.segmentation(arguments, LAST, 1, 1));
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    int depth = features.size() - 1;
    Value value = features.get(depth);
    for (int i = 0; i < depth; i++) {
      int level = depth - 1 - i;
      long in = channels.get(level + 1);
      long out = level == 0 ? LAST : channels.get(level);
      Layer block =
          Layer.sequence(
              convolutions.of(in, in / 4, 1),
              convolutions.doubling(in / 4),
              convolutions.of(in / 4, out, 1));
      Scope module = decoder.child("blocks").child(i);
      value = block.apply(module.child("block"), value);
      value = module.tap(level == 0 ? value : module.call("add", value, features.get(level)));
    }
    return value;
  }
}
