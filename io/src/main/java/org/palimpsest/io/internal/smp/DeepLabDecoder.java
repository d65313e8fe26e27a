package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.torchvision.Aspp;

/**
 * {@code DeepLabV3} and {@code DeepLabV3Plus}.
 *
 * @param factor by which DeepLabV3Plus enlarges the pyramid's map
 */
record DeepLabDecoder(Aspp pyramid, List<Long> channels, long factor, boolean plus)
    implements Decoder {

  private static final long FINE = 48;
  private static final List<Long> RATES = List.of(12L, 24L, 36L);

  /**
   * @param plus whether it is DeepLabV3Plus
   */
  static Blueprint of(Arguments arguments, boolean plus) {
    long stride = arguments.integer("encoder_output_stride", plus ? 16 : 8);
    if (stride != 8 && stride != 16) {
      throw arguments.wrong("encoder_output_stride", "8 or 16");
    }
    Encoder encoder = Encoder.of(arguments, 5, (int) stride);
    int depth = encoder.depth();
    if (plus && depth < 3) {
      throw arguments.wrong("encoder_depth", "3 to 5");
    }
    long out = arguments.integer("decoder_channels", 256);
    List<Long> rates = rates(arguments);
    boolean separable = arguments.truth("decoder_aspp_separable", plus);
    arguments.withoutEffect("decoder_aspp_dropout", "decoder_atrous_rates");
    long usual = plus ? 4 : depth <= 3 ? 1 << depth : stride;
    Layer head = Heads.segmentation(arguments, out, 1, arguments.integer("upsampling", usual));
    DeepLabDecoder decoder =
        new DeepLabDecoder(
            new Aspp(encoder.last(), out, rates, separable),
            encoder.channels(),
            stride == 16 && depth > 3 ? 4 : 2,
            plus);
    return Network.of(arguments, encoder, decoder, head);
  }

  private static List<Long> rates(Arguments arguments) {
    return arguments.has("decoder_atrous_rates")
        ? arguments.integers("decoder_atrous_rates", 3)
        : RATES;
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    Value last = features.get(features.size() - 1);
    return plus ? joined(decoder, last, features.get(2)) : alone(decoder, last);
  }

  private Value alone(Scope decoder, Value input) {
    long out = pyramid.out();
    Value value = pyramid.apply(decoder.child("aspp"), input);
    Layer convolution = Convolution.of(2, out, out, 3).withSamePadding().withBias(false);
    value = convolution.apply(decoder.child("conv"), value);
    value = new Normalisation.Batch(out, 1e-5, true).apply(decoder.child("bn"), value);
    return Activations.relu().apply(decoder.child("relu"), value);
  }

  private Value joined(Scope decoder, Value input, Value feature) {
    long out = pyramid.out();
    Layer coarse =
        Layer.sequence(
            pyramid,
            Aspp.separable(out, out, 1),
            new Normalisation.Batch(out, 1e-5, true),
            Activations.relu());
    Value large = coarse.apply(decoder.child("aspp"), input);
    large = Resizing.linear(2, factor, true).apply(decoder.child("up"), large);
    Layer fine = Aspp.activated(Convolution.of(2, channels.get(2), FINE, 1).withBias(false), FINE);
    Value high = fine.apply(decoder.child("block1"), feature);
    Value both = decoder.call("cat", List.of(large, high), 1);
    return Aspp.activated(Aspp.separable(FINE + out, out, 1), out)
        .apply(decoder.child("block2"), both);
  }
}
