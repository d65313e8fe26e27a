package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Scope;

/** {@code FPN}: a pyramid of four maps, each brought to one size and all merged. */
record FpnDecoder(
    List<Long> channels, long pyramid, long width, boolean added, Interpolation interpolation)
    implements Decoder {

  private static final int MAPS = 4;
  private static final long GROUPS = 32;

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 5);
    if (encoder.depth() < MAPS - 1) {
      throw arguments.wrong("encoder_depth", "3 to 5");
    }
    long width = arguments.integer("decoder_segmentation_channels", 128);
    if (width < GROUPS || width % GROUPS != 0) {
      throw arguments.wrong("decoder_segmentation_channels", "a multiple of " + GROUPS);
    }
    String policy = arguments.text("decoder_merge_policy", "add");
    if (!policy.equals("add") && !policy.equals("cat")) {
      throw arguments.wrong("decoder_merge_policy", "add or cat");
    }
    boolean added = policy.equals("add");
    FpnDecoder decoder =
        new FpnDecoder(
            encoder.channels(),
            arguments.integer("decoder_pyramid_channels", 256),
            width,
            added,
            Interpolation.of(arguments));
    arguments.withoutEffect("decoder_dropout");
    long upsampling = arguments.integer("upsampling", 4);
    Layer head = Heads.segmentation(arguments, added ? width : MAPS * width, 1, upsampling);
    return Network.of(arguments, encoder, decoder, head);
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    int last = features.size() - 1;
    Value value = lateral(last).apply(decoder.child("p5"), features.get(last));
    List<Value> maps = new ArrayList<>(List.of(value));
    for (int i = 1; i < MAPS; i++) {
      Scope module = decoder.child("p" + (MAPS + 1 - i));
      Value large = interpolation.doubled(module, value);
      Value skip = lateral(last - i).apply(module.child("skip_conv"), features.get(last - i));
      value = module.tap(module.call("add", large, skip));
      maps.add(value);
    }
    List<Value> merged = new ArrayList<>();
    for (int i = 0; i < MAPS; i++) {
      Scope module = decoder.child("seg_blocks").child(i);
      Value brought = enlarging(MAPS - 1 - i).apply(module.child("block"), maps.get(i));
      merged.add(module.tap(brought));
    }
    Value all =
        added
            ? decoder.call("sum", decoder.call("stack", merged, 0), List.of(0), false)
            : decoder.call("cat", merged, 1);
    return decoder.child("dropout").tap(decoder.child("merge").tap(all));
  }

  private Layer lateral(int feature) {
    return Convolution.of(2, channels.get(feature), pyramid, 1);
  }

  /** So many convolutions with a doubling each, or one without. */
  private Layer enlarging(int doublings) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < Math.max(1, doublings); i++) {
      layers.add(convolution(i == 0 ? pyramid : width, doublings > 0));
    }
    return Layer.sequence(layers.toArray(Layer[]::new));
  }

  private Layer convolution(long in, boolean doubled) {
    Layer block =
        Layer.sequence(
            Convolution.of(2, in, width, 3).withSamePadding().withBias(false),
            new Normalisation.Group(GROUPS, width, 1e-5, true),
            Activations.relu());
    return (module, input) -> {
      Value value = block.apply(module.child("block"), input);
      return module.tap(
          doubled
              ? module.call("upsample_bilinear2d", value, null, true, List.of(2.0, 2.0))
              : value);
    };
  }
}
