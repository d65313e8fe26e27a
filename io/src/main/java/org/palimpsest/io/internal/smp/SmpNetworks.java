package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.torchvision.Aspp;

/** The networks of segmentation_models_pytorch that are known, by the names of their classes. */
public final class SmpNetworks {

  /** The names of their classes. */
  public static final List<String> NAMES =
      List.of(
          "Unet",
          "UnetPlusPlus",
          "FPN",
          "Linknet",
          "PSPNet",
          "DeepLabV3",
          "DeepLabV3Plus",
          "MAnet");

  private SmpNetworks() {}

  /**
   * A network.
   *
   * @param className without its package
   * @return empty if there is no such network
   * @throws org.palimpsest.core.PalimpsestException if an argument is missing, of the wrong form,
   *     or not known
   */
  public static Optional<Blueprint> of(String className, Arguments arguments) {
    return switch (className) {
      case "Unet" -> Optional.of(UnetDecoders.Unet.of(arguments));
      case "UnetPlusPlus" -> Optional.of(UnetDecoders.UnetPlusPlus.of(arguments));
      case "FPN" -> Optional.of(Fpn.of(arguments));
      case "Linknet" -> Optional.of(Linknet.of(arguments));
      case "PSPNet" -> Optional.of(Psp.of(arguments));
      case "DeepLabV3" -> Optional.of(DeepLab.of(arguments, false));
      case "DeepLabV3Plus" -> Optional.of(DeepLab.of(arguments, true));
      case "MAnet" -> Optional.of(UnetDecoders.Manet.of(arguments));
      default -> Optional.empty();
    };
  }

  /** The name with its package of a class that is known, whatever its letters' case. */
  public static Optional<String> fullName(String name) {
    return NAMES.stream()
        .filter(known -> known.equalsIgnoreCase(name))
        .findFirst()
        .map(known -> "segmentation_models_pytorch." + known);
  }

  /** {@code FPN}: a pyramid of four maps, each brought to one size and all merged. */
  private record Fpn(
      List<Long> channels,
      long pyramid,
      long width,
      boolean added,
      DecoderInterpolation interpolation)
      implements SegmentationModel.Decoder {

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
      Fpn decoder =
          new Fpn(
              encoder.channels(),
              arguments.integer("decoder_pyramid_channels", 256),
              width,
              added,
              DecoderInterpolation.of(arguments));
      arguments.withoutEffect("decoder_dropout");
      long upsampling = arguments.integer("upsampling", 4);
      Layer head = SegmentationModel.head(arguments, added ? width : MAPS * width, 1, upsampling);
      return SegmentationModel.of(arguments, encoder, decoder, head);
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
              ActivationFunctions.relu());
      return (module, input) -> {
        Value value = block.apply(module.child("block"), input);
        return module.tap(
            doubled
                ? module.call("upsample_bilinear2d", value, null, true, List.of(2.0, 2.0))
                : value);
      };
    }
  }

  /** {@code PSPNet}: the last feature is joined with means of it over 1 to 36 regions. */
  private record Psp(long in, long out, Conv2dRelu convolutions)
      implements SegmentationModel.Decoder {

    private static final List<Long> SIZES = List.of(1L, 2L, 3L, 6L);

    static Blueprint of(Arguments arguments) {
      Encoder encoder = Encoder.of(arguments, 3);
      long out = arguments.integer("psp_out_channels", 512);
      Conv2dRelu convolutions = Conv2dRelu.of(arguments, "psp_use_batchnorm");
      arguments.withoutEffect("psp_dropout");
      Layer head = SegmentationModel.head(arguments, out, 3, arguments.integer("upsampling", 8));
      return SegmentationModel.of(
          arguments, encoder, new Psp(encoder.last(), out, convolutions), head);
    }

    @Override
    public Value apply(Scope decoder, List<Value> features) {
      Value input = features.get(features.size() - 1);
      Scope pyramid = decoder.child("psp");
      List<Value> parts = new ArrayList<>();
      for (int i = 0; i < SIZES.size(); i++) {
        parts.add(pooled(pyramid.child("blocks").child(i), input, SIZES.get(i)));
      }
      parts.add(input);
      Value joined = pyramid.tap(pyramid.call("cat", parts, 1));
      long width = in + in / SIZES.size() * SIZES.size();
      Value value = convolutions.of(width, out, 1).apply(decoder.child("conv"), joined);
      return decoder.child("dropout").tap(value);
    }

    private Value pooled(Scope module, Value input, long size) {
      Conv2dRelu block = size == 1 ? Conv2dRelu.none() : convolutions;
      Layer pool =
          Layer.sequence(
              Pooling.averageTo(List.of(size, size)), block.of(in, in / SIZES.size(), 1));
      Value small = pool.apply(module.child("pool"), input);
      return module.tap(Resizing.linearTo(module, small, input, 2, true));
    }
  }

  /**
   * {@code DeepLabV3} and {@code DeepLabV3Plus}.
   *
   * @param factor by which DeepLabV3Plus enlarges the pyramid's map
   */
  private record DeepLab(Aspp pyramid, List<Long> channels, long factor, boolean plus)
      implements SegmentationModel.Decoder {

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
      Layer head =
          SegmentationModel.head(
              arguments, out, 1, arguments.optionalInteger("upsampling").orElse(usual));
      DeepLab decoder =
          new DeepLab(
              new Aspp(encoder.last(), out, rates, separable),
              encoder.channels(),
              stride == 16 && depth > 3 ? 4 : 2,
              plus);
      return SegmentationModel.of(arguments, encoder, decoder, head);
    }

    private static List<Long> rates(Arguments arguments) {
      return arguments.isGiven("decoder_atrous_rates")
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
      return ActivationFunctions.relu().apply(decoder.child("relu"), value);
    }

    private Value joined(Scope decoder, Value input, Value feature) {
      long out = pyramid.out();
      Layer coarse =
          Layer.sequence(
              pyramid,
              Aspp.separable(out, out, 1),
              new Normalisation.Batch(out, 1e-5, true),
              ActivationFunctions.relu());
      Value large = coarse.apply(decoder.child("aspp"), input);
      large = Resizing.linear(2, factor, true).apply(decoder.child("up"), large);
      Layer fine =
          Aspp.activated(Convolution.of(2, channels.get(2), FINE, 1).withBias(false), FINE);
      Value high = fine.apply(decoder.child("block1"), feature);
      Value both = decoder.call("cat", List.of(large, high), 1);
      return Aspp.activated(Aspp.separable(FINE + out, out, 1), out)
          .apply(decoder.child("block2"), both);
    }
  }

  /** {@code Linknet}: features are added to what transposed convolutions enlarge. */
  private record Linknet(List<Long> channels, Conv2dRelu convolutions)
      implements SegmentationModel.Decoder {

    private static final long LAST = 32;

    static Blueprint of(Arguments arguments) {
      Encoder encoder = Encoder.of(arguments, 5);
      Conv2dRelu convolutions = Conv2dRelu.of(arguments, "decoder_use_batchnorm");
      Linknet decoder = new Linknet(encoder.channels(), convolutions);
      return SegmentationModel.of(
          arguments, encoder, decoder, SegmentationModel.head(arguments, LAST, 1, 1));
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
}
