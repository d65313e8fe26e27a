package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;

/** {@code Unet}: each block resizes to the next feature, the last one to the images. */
record UnetDecoder(
    List<Long> channels, List<Long> widths, Interpolation interpolation, UnetBlock block)
    implements Decoder {

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 5);
    List<Long> widths = Widths.of(arguments, encoder);
    UnetDecoder decoder =
        new UnetDecoder(
            encoder.channels(), widths, Interpolation.of(arguments), UnetBlock.of(arguments));
    long last = widths.get(widths.size() - 1);
    return Network.of(arguments, encoder, decoder, Heads.segmentation(arguments, last, 3, 1), true);
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    int depth = widths.size();
    Value value = decoder.child("center").tap(features.get(depth));
    long in = channels.get(depth);
    for (int i = 0; i < depth; i++) {
      int level = depth - 1 - i;
      Scope module = decoder.child("blocks").child(i);
      Value large = interpolation.fitted(module, value, features.get(level));
      List<Value> skips = level == 0 ? List.of() : List.of(features.get(level));
      long joined = level == 0 ? in : in + channels.get(level);
      value = block.apply(module, large, skips, joined, widths.get(i));
      in = widths.get(i);
    }
    return value;
  }
}
