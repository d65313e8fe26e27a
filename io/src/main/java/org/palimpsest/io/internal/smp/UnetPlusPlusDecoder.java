package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;

/** {@code UnetPlusPlus}: blocks {@code x_i_j} between the features, each joined with all before. */
record UnetPlusPlusDecoder(
    List<Long> channels, List<Long> widths, Interpolation interpolation, UnetBlock block)
    implements Decoder {

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 5);
    if (encoder.depth() < 2) {
      throw arguments.wrong("encoder_depth", "2 to 5");
    }
    List<Long> widths = Widths.of(arguments, encoder);
    UnetPlusPlusDecoder decoder =
        new UnetPlusPlusDecoder(
            encoder.channels(), widths, Interpolation.of(arguments), UnetBlock.of(arguments));
    long last = widths.get(widths.size() - 1);
    return Network.of(arguments, encoder, decoder, Heads.segmentation(arguments, last, 3, 1));
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    int last = widths.size() - 1;
    Scope blocks = decoder.child("blocks");
    Map<String, Value> dense = new HashMap<>();
    for (int distance = 0; distance < last; distance++) {
      for (int depth = 0; depth < last - distance; depth++) {
        int layer = depth + distance;
        Value below =
            distance == 0
                ? features.get(widths.size() - depth)
                : dense.getOrDefault(name(depth, layer - 1), features.get(0));
        List<Value> skips = new ArrayList<>();
        for (int i = depth + 1; i <= layer; i++) {
          skips.add(dense.getOrDefault(name(i, layer), features.get(0)));
        }
        skips.add(features.get(last - layer));
        dense.put(name(depth, layer), block(blocks, depth, layer, below, skips));
      }
    }
    Value top = dense.getOrDefault(name(0, last - 1), features.get(0));
    Scope module = blocks.child(name(0, last));
    Value large = interpolation.doubled(module, top);
    return block.apply(module, large, List.of(), widths.get(last - 1), widths.get(last));
  }

  private Value block(Scope blocks, int depth, int layer, Value below, List<Value> skips) {
    long skip = skipped(layer);
    long in = depth > 0 ? skipped(layer - 1) : layer == 0 ? deepest() : widths.get(layer - 1);
    long out = depth > 0 ? skip : widths.get(layer);
    Scope module = blocks.child(name(depth, layer));
    Value large = interpolation.doubled(module, below);
    return block.apply(module, large, skips, in + skip * skips.size(), out);
  }

  private long deepest() {
    return channels.get(widths.size());
  }

  /** The channels of the feature at the size of a layer of blocks, the lowest being 0. */
  private long skipped(int layer) {
    return channels.get(widths.size() - 1 - layer);
  }

  private static String name(int depth, int layer) {
    return "x_%d_%d".formatted(depth, layer);
  }
}
