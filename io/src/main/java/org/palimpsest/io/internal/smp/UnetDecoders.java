package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/**
 * Decoders that join what they enlarge with the feature of the encoder of that size, level by
 * level.
 */
final class UnetDecoders {

  private static final List<Long> USUAL_WIDTHS = List.of(256L, 128L, 64L, 32L, 16L);

  private UnetDecoders() {}

  /** {@code decoder_channels} of decoders with a block for each feature. */
  private static List<Long> decoderChannels(Arguments arguments, Encoder encoder) {
    List<Long> given =
        arguments.isGiven("decoder_channels")
            ? arguments.integers("decoder_channels")
            : USUAL_WIDTHS;
    arguments.withoutEffect("decoder_channels");
    if (given.size() != encoder.depth()) {
      throw arguments.wrong(
          "decoder_channels", "as many channels as encoder_depth, %s,".formatted(encoder.depth()));
    }
    return given;
  }

  /** {@code Unet}: each block resizes to the next feature, the last one to the images. */
  record Unet(
      List<Long> channels, List<Long> widths, DecoderInterpolation interpolation, UnetBlock block)
      implements SegmentationModel.Decoder {

    static Blueprint of(Arguments arguments) {
      Encoder encoder = Encoder.of(arguments, 5);
      List<Long> widths = decoderChannels(arguments, encoder);
      Unet decoder =
          new Unet(
              encoder.channels(),
              widths,
              DecoderInterpolation.of(arguments),
              UnetBlock.of(arguments));
      long last = widths.get(widths.size() - 1);
      return SegmentationModel.of(
          arguments, encoder, decoder, SegmentationModel.head(arguments, last, 3, 1), true);
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

  /**
   * {@code UnetPlusPlus}: blocks {@code x_i_j} between the features, each joined with all before.
   */
  record UnetPlusPlus(
      List<Long> channels, List<Long> widths, DecoderInterpolation interpolation, UnetBlock block)
      implements SegmentationModel.Decoder {

    static Blueprint of(Arguments arguments) {
      Encoder encoder = Encoder.of(arguments, 5);
      if (encoder.depth() < 2) {
        throw arguments.wrong("encoder_depth", "2 to 5");
      }
      List<Long> widths = decoderChannels(arguments, encoder);
      UnetPlusPlus decoder =
          new UnetPlusPlus(
              encoder.channels(),
              widths,
              DecoderInterpolation.of(arguments),
              UnetBlock.of(arguments));
      long last = widths.get(widths.size() - 1);
      return SegmentationModel.of(
          arguments, encoder, decoder, SegmentationModel.head(arguments, last, 3, 1));
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
      return "x_%s_%s".formatted(depth, layer);
    }
  }

  /** {@code MAnet}: attention of places in the deepest feature, of channels in each block. */
  record Manet(
      List<Long> channels,
      List<Long> widths,
      long inner,
      DecoderInterpolation interpolation,
      Conv2dRelu convolutions)
      implements SegmentationModel.Decoder {

    private static final long REDUCTION = 16;

    static Blueprint of(Arguments arguments) {
      Encoder encoder = Encoder.of(arguments, 5);
      List<Long> widths = decoderChannels(arguments, encoder);
      Manet decoder =
          new Manet(
              encoder.channels(),
              widths,
              arguments.integer("decoder_pab_channels", 64),
              DecoderInterpolation.of(arguments),
              Conv2dRelu.of(arguments, "decoder_use_batchnorm"));
      long last = widths.get(widths.size() - 1);
      return SegmentationModel.of(
          arguments, encoder, decoder, SegmentationModel.head(arguments, last, 3, 1));
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
      Value pairs =
          module.call("matmul", places(module, center), module.call("flatten", top, 2, -1));
      Value flat = module.call("flatten", pairs, 1, -1);
      Value weights = ActivationFunctions.softmax().apply(module.child("map_softmax"), flat);
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
          ActivationFunctions.relu(),
          Convolution.of(2, reduced, channels, 1),
          ActivationFunctions.sigmoid());
    }
  }

  /**
   * A step of the decoders of Unet and UnetPlusPlus after the upsampling.
   *
   * @param attended whether it has attention of channels and places
   */
  private record UnetBlock(Conv2dRelu convolutions, boolean attended) {

    private static final long REDUCTION = 16;

    static UnetBlock of(Arguments arguments) {
      Conv2dRelu convolutions = Conv2dRelu.of(arguments, "decoder_use_batchnorm");
      String attention = arguments.optionalText("decoder_attention_type").orElse("");
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
      Layer within =
          attended ? (module, input) -> attend(module, input, channels) : Layer.identity();
      return Layer.sequence(Map.of("attention", within));
    }

    private static Value attend(Scope module, Value input, long channels) {
      long inner = channels / REDUCTION;
      if (inner == 0) {
        throw new PalimpsestException(
            "%s has attention of %s channels, which are too few: scse needs %s."
                .formatted(module.name(), channels, REDUCTION));
      }
      Layer ofChannels =
          Layer.sequence(
              Pooling.averageTo(List.of(1L, 1L)),
              Convolution.of(2, channels, inner, 1),
              ActivationFunctions.relu(),
              Convolution.of(2, inner, channels, 1),
              ActivationFunctions.sigmoid());
      Layer ofPlaces =
          Layer.sequence(Convolution.of(2, channels, 1, 1), ActivationFunctions.sigmoid());
      Value first = module.call("mul", input, ofChannels.apply(module.child("cSE"), input));
      Value second = module.call("mul", input, ofPlaces.apply(module.child("sSE"), input));
      return module.tap(module.call("add", first, second));
    }
  }
}
