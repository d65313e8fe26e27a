package org.palimpsest.io.internal.monai;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/** {@code monai.networks.blocks.UpSample} by the factor 2 in its modes. */
enum Upsampling {
  DECONV,
  DECONVGROUP,
  NONTRAINABLE,
  PIXELSHUFFLE;

  static Upsampling of(Arguments arguments, String name, Upsampling otherwise) {
    String mode = arguments.text(name, otherwise.name()).toUpperCase(Locale.ROOT);
    for (Upsampling known : values()) {
      if (known.name().equals(mode)) {
        return known;
      }
    }
    throw arguments.wrong(name, "deconv, deconvgroup, nontrainable or pixelshuffle");
  }

  /**
   * @param bias of the convolution before or instead of an interpolation
   * @param corners whether the interpolation aligns the corners
   */
  Layer layer(int axes, long in, long out, boolean bias, boolean corners) {
    List<Long> twos = Collections.nCopies(axes, 2L);
    Map<String, Layer> parts = new LinkedHashMap<>();
    switch (this) {
      case DECONV -> parts.put("deconv", TransposedConvolution.of(in, out, twos, twos));
      case DECONVGROUP ->
          parts.put(
              "deconvgroup",
              TransposedConvolution.of(in, out, twos, twos).withGroups(in % out == 0 ? out : 1));
      case NONTRAINABLE -> {
        if (in != out) {
          parts.put("preconv", Convolution.of(axes, in, out, 1).withBias(bias));
        }
        parts.put("upsample_non_trainable", Resizing.linear(axes, 2, corners));
      }
      case PIXELSHUFFLE ->
          parts.put(
              "pixelshuffle", (module, input) -> shuffled(axes, in, out, bias, module, input));
    }
    return Layer.sequence(parts);
  }

  /** A zero is put before each row and the mean of neighbours taken, against checkerboards. */
  private static Value shuffled(
      int axes, long in, long out, boolean bias, Scope module, Value input) {
    long factor = 1L << axes;
    Value wide =
        Convolution.of(axes, in, out * factor, 3)
            .withPadding(1)
            .withBias(bias)
            .apply(module.child("conv_block"), input);
    Value large = spread(axes, out, module, wide);
    Scope smoothing = module.child("pad_pool");
    Value padded =
        smoothing.child(0).tap(module.call("constant_pad_nd", large, oneBeforeEach(axes), 0.0));
    List<Long> ones = Collections.nCopies(axes, 1L);
    Value pooled =
        module.call(
            "avg_pool" + axes + "d",
            padded,
            Collections.nCopies(axes, 2L),
            ones,
            Collections.nCopies(axes, 0L),
            false,
            true,
            null);
    return module.tap(smoothing.tap(smoothing.child(1).tap(pooled)));
  }

  private static List<Long> oneBeforeEach(int axes) {
    return axes == 3 ? List.of(1L, 0L, 1L, 0L, 1L, 0L) : List.of(1L, 0L, 1L, 0L);
  }

  private static Value spread(int axes, long channels, Scope module, Value wide) {
    if (axes == 2) {
      return module.call("pixel_shuffle", wide, 2);
    }
    Value parted = module.call("unflatten", wide, 1, List.of(channels, 2L, 2L, 2L));
    Value ordered = module.call("permute", parted, List.of(0, 1, 5, 2, 6, 3, 7, 4));
    Value width = module.call("flatten", ordered, 6, 7);
    return module.call("flatten", module.call("flatten", width, 4, 5), 2, 3);
  }
}
