package org.palimpsest.io.internal.smp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/** {@code decoder_interpolation}, which is done by functions and has no module. */
enum DecoderInterpolation {
  NEAREST("nearest", "upsample_nearest2d"),
  NEAREST_EXACT("nearest-exact", "_upsample_nearest_exact2d"),
  BILINEAR("bilinear", "upsample_bilinear2d"),
  BICUBIC("bicubic", "upsample_bicubic2d");

  private final String label;
  private final String operator;

  DecoderInterpolation(String label, String operator) {
    this.label = label;
    this.operator = operator;
  }

  static DecoderInterpolation of(Arguments arguments) {
    String name = arguments.text("decoder_interpolation", NEAREST.label);
    for (DecoderInterpolation known : values()) {
      if (known.label.equals(name)) {
        return known;
      }
    }
    throw arguments.wrong("decoder_interpolation", "nearest, nearest-exact, bilinear or bicubic");
  }

  /** To twice the size. */
  Value doubled(Scope module, Value input) {
    return resized(module, input, null, List.of(2.0, 2.0));
  }

  /** To the size of another image. */
  Value fitted(Scope module, Value input, Value like) {
    return resized(module, input, Resizing.size(module, like, 2), null);
  }

  private Value resized(
      Scope module, Value input, @Nullable Argument size, @Nullable List<Double> factors) {
    boolean nearest = this == NEAREST || this == NEAREST_EXACT;
    return nearest
        ? module.call(operator, input, size, factors)
        : module.call(operator, input, size, false, factors);
  }
}
