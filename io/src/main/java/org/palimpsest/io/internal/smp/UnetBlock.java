package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/**
 * A step of the decoders of Unet and UnetPlusPlus after the upsampling.
 *
 * @param attended whether it has attention of channels and places
 */
record UnetBlock(ConvolutionBlock convolutions, boolean attended) {

  private static final long REDUCTION = 16;

  static UnetBlock of(Arguments arguments) {
    ConvolutionBlock convolutions = ConvolutionBlock.of(arguments, "decoder_use_batchnorm");
    String attention = arguments.text("decoder_attention_type", "");
    if (!attention.isEmpty() && !attention.equals("scse")) {
      throw arguments.wrong("decoder_attention_type", "null or scse");
    }
    return new UnetBlock(convolutions, !attention.isEmpty());
  }

  /**
   * @param large what comes from below, upsampled
   * @param skips what it is joined with, if anything
   * @param joined the channels of all these together
   */
  Value apply(Scope module, Value large, List<Value> skips, long joined, long out) {
    Value value = large;
    if (!skips.isEmpty()) {
      List<Value> parts = new ArrayList<>(List.of(large));
      parts.addAll(skips);
      value = module.call("cat", parts, 1);
      value = attention(joined).apply(module.child("attention1"), value);
    } else if (attended) {
      module.child("attention1").setAsideAll();
    }
    value = convolutions.of(joined, out, 3).apply(module.child("conv1"), value);
    value = convolutions.of(out, out, 3).apply(module.child("conv2"), value);
    return module.tap(attention(out).apply(module.child("attention2"), value));
  }

  private Layer attention(long channels) {
    Layer within = attended ? (module, input) -> attend(module, input, channels) : Layer.identity();
    return Layer.sequence(Map.of("attention", within));
  }

  private static Value attend(Scope module, Value input, long channels) {
    long inner = channels / REDUCTION;
    if (inner == 0) {
      throw new PalimpsestException(
          "%s has attention of %d channels, which are too few: scse needs %d."
              .formatted(module.name(), channels, REDUCTION));
    }
    Layer ofChannels =
        Layer.sequence(
            Pooling.averageTo(List.of(1L, 1L)),
            Convolution.of(2, channels, inner, 1),
            Activations.relu(),
            Convolution.of(2, inner, channels, 1),
            Activations.sigmoid());
    Layer ofPlaces = Layer.sequence(Convolution.of(2, channels, 1, 1), Activations.sigmoid());
    Value first = module.call("mul", input, ofChannels.apply(module.child("cSE"), input));
    Value second = module.call("mul", input, ofPlaces.apply(module.child("sSE"), input));
    return module.tap(module.call("add", first, second));
  }
}
