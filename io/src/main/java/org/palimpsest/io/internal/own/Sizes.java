package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Scope;

/** Calls that change the size of images: resizing, pooling, padding and cropping. */
final class Sizes {

  static final Set<String> PADDING_MODES = Set.of("constant", "reflect", "replicate", "circular");
  private static final Set<String> SIDES = Set.of("both", "start", "end");

  private final Scope network;
  private final int axes;

  Sizes(Scope network, int axes) {
    this.network = network;
    this.axes = axes;
  }

  /** One number for each axis, given as such or as one for all. */
  List<Long> extents(Arguments settings, String name, long least) {
    List<Long> given = settings.integers(name, axes);
    if (given.stream().anyMatch(number -> number < least)) {
      throw settings.wrong(name, "%s or more".formatted(least));
    }
    return given;
  }

  List<Long> extents(Arguments settings, String name, long otherwise, long least) {
    settings.withoutEffect(name);
    return settings.has(name)
        ? extents(settings, name, least)
        : Collections.nCopies(axes, otherwise);
  }

  Value maxPool(Arguments settings, Value input) {
    List<Long> kernel = extents(settings, "kernel_size", 1);
    return network.call(
        "max_pool%sd".formatted(axes),
        input,
        kernel,
        stride(settings, kernel),
        extents(settings, "padding", 0, 0),
        extents(settings, "dilation", 1, 1),
        settings.truth("ceil_mode", false));
  }

  private List<Long> stride(Arguments settings, List<Long> kernel) {
    settings.withoutEffect("stride");
    return settings.has("stride") ? extents(settings, "stride", 1) : kernel;
  }

  Value averagePool(Arguments settings, Value input) {
    List<Long> kernel = extents(settings, "kernel_size", 1);
    return network.call(
        "avg_pool%sd".formatted(axes),
        input,
        kernel,
        stride(settings, kernel),
        extents(settings, "padding", 0, 0),
        settings.truth("ceil_mode", false),
        settings.truth("count_include_pad", true),
        null);
  }

  Value adaptiveAveragePool(Arguments settings, Value input) {
    return network.call(
        "adaptive_avg_pool%sd".formatted(axes), input, extents(settings, "output_size", 1));
  }

  /** As {@code torch.nn.Upsample} does it, to the size or by the factors that are set. */
  Value resized(Arguments settings, Value input) {
    boolean bySize = settings.has("size");
    if (bySize == settings.has("scale_factor")) {
      throw new PalimpsestException(
          "%s needs 'size' or 'scale_factor', and not both.".formatted(settings.what()));
    }
    return bySize
        ? resized(settings, input, extents(settings, "size", 1), null)
        : resized(settings, input, null, factors(settings));
  }

  /** To the size of other images. */
  Value resizedTo(Arguments settings, Value input, Value pattern) {
    List<Value> size = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      size.add(extent(pattern, axis));
    }
    return resized(settings, input, size, null);
  }

  private List<Double> factors(Arguments settings) {
    List<Double> factors = new ArrayList<>();
    if (settings.node("scale_factor").isNumber()) {
      factors.addAll(Collections.nCopies(axes, settings.real("scale_factor", 1)));
    }
    settings.node("scale_factor").forEach(factor -> factors.add(factor.doubleValue()));
    boolean finite = factors.stream().allMatch(f -> f > 0 && Double.isFinite(f));
    if (factors.size() != axes || !finite) {
      throw settings.wrong("scale_factor", "a number above 0, or %s".formatted(axes));
    }
    return factors;
  }

  private Value resized(
      Arguments settings, Value input, @Nullable Object size, @Nullable Object factors) {
    String mode = settings.text("mode", "nearest");
    switch (mode) {
      case "nearest":
        return network.call("upsample_nearest%sd".formatted(axes), input, size, factors);
      case "nearest-exact":
        return network.call("_upsample_nearest_exact%sd".formatted(axes), input, size, factors);
      default:
        if (!mode.equals("bicubic") && !mode.equals("bilinear") && !mode.equals("trilinear")
            || axes != (mode.equals("trilinear") ? 3 : 2)) {
          throw settings.wrong(
              "mode",
              axes == 2
                  ? "nearest, nearest-exact, bilinear or bicubic"
                  : "nearest, nearest-exact or trilinear");
        }
        return network.call(
            "upsample_%s%sd".formatted(mode, axes),
            input,
            size,
            settings.truth("align_corners", false),
            factors);
    }
  }

  /**
   * Pads images.
   *
   * @param widths in PyTorch's order: the last axis first, its near end and its far end
   */
  Value padded(Value input, List<?> widths, String mode, double value) {
    return mode.equals("constant")
        ? network.call("pad", input, widths, mode, value)
        : network.call("pad", input, widths, mode, null);
  }

  /** To the size of other images; what is larger than those is cut, as negative padding does. */
  Value paddedTo(Arguments settings, Value input, Value pattern) {
    String side = oneOf(settings, "side", "both", SIDES);
    String mode = oneOf(settings, "mode", "constant", PADDING_MODES);
    List<Object> widths = new ArrayList<>();
    for (int axis = axes - 1; axis >= 0; axis--) {
      Value all = network.call("sub", extent(pattern, axis), extent(input, axis));
      Value near = network.call("floordiv", all, 2);
      widths.add(
          switch (side) {
            case "start" -> all;
            case "end" -> 0L;
            default -> near;
          });
      widths.add(
          switch (side) {
            case "start" -> 0L;
            case "end" -> all;
            default -> network.call("sub", all, near);
          });
    }
    return padded(input, widths, mode, constant(settings, mode));
  }

  double constant(Arguments settings, String mode) {
    return mode.equals("constant") ? settings.real("value", 0) : 0;
  }

  /** The middle, the start or the end of images, of the size that others have. */
  Value croppedTo(Arguments settings, Value input, Value pattern) {
    String side = oneOf(settings, "keep", "centre", Set.of("centre", "start", "end"));
    Value cropped = input;
    for (int axis = 0; axis < axes; axis++) {
      Value kept = extent(pattern, axis);
      Object start = 0L;
      if (!side.equals("start")) {
        Value rest = network.call("sub", extent(input, axis), kept);
        start = side.equals("end") ? rest : network.call("floordiv", rest, 2);
      }
      cropped = network.call("narrow", cropped, axis + 2, start, kept);
    }
    return cropped;
  }

  /** Puts channels side by side in the plane: as many times fewer of them. */
  StepResult pixelShuffle(Arguments settings, StepResult input) {
    long factor = settings.integer("upscale_factor");
    if (axes != 2 || factor < 1 || factor > 1000 || input.channels() % (factor * factor) != 0) {
      throw settings.wrong(
          "upscale_factor",
          "a number whose square divides the %s channels of a plane".formatted(input.channels()));
    }
    Value result = network.call("pixel_shuffle", input.value(), factor);
    return new StepResult(result, input.channels() / (factor * factor));
  }

  static String oneOf(Arguments settings, String name, String otherwise, Set<String> known) {
    String given = settings.text(name, otherwise);
    if (!known.contains(given)) {
      throw settings.wrong(name, String.join(" or ", known.stream().sorted().toList()));
    }
    return given;
  }

  private Value extent(Value images, int axis) {
    return network.call("size", images, axis + 2);
  }
}
