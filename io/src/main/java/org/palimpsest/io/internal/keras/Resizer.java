package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * Images of another size, as TensorFlow computes them: core/kernels/image/resize_bicubic_op.cc,
 * scale_and_translate_op.cc, sampling_kernels.h, resize_area_op.cc.
 */
final class Resizer {

  private static final int TABLE = 1 << 10;
  private static final long LARGEST = 1 << 13;
  private static final double SHARPNESS = -0.5;

  /** A kernel by which the pixels around a place are weighed. */
  private record Kernel(double radius, DoubleUnaryOperator weight) {}

  private Resizer() {}

  /**
   * Resizes images whose channels are second.
   *
   * @param size height and width
   * @param antialias whether kernels widen where images shrink
   */
  static Tensor resized(Call call, Tensor x, List<Argument> size, String how, boolean antialias) {
    return resized(call.ops(), x, size, how, antialias, call.path(), call::refused, call::constant);
  }

  /** Makes a tensor of numbers. */
  @FunctionalInterface
  interface Constants {
    Value constant(String name, List<Long> shape, double... values);
  }

  /** Makes an error that names a layer. */
  @FunctionalInterface
  interface Refusal {
    RuntimeException refused(String why);
  }

  static Tensor resized(
      Ops ops,
      Tensor x,
      List<Argument> size,
      String how,
      boolean antialias,
      String path,
      Refusal refusal,
      Constants constants) {
    List<Long> shape = new ArrayList<>(x.shape().subList(0, 2));
    size.forEach(extent -> shape.add(Ops.known(extent)));
    if (how.equals("nearest")) {
      return Tensor.of(
          ops.call("_upsample_nearest_exact2d", x.value(), Ops.list(size), null), shape);
    }
    if (how.equals("bilinear") && !antialias) {
      return Tensor.of(
          ops.call("upsample_bilinear2d", x.value(), Ops.list(size), false, null), shape);
    }
    Value value = x.value();
    for (int axis = 2; axis < 4; axis++) {
      long from = x.extent(axis);
      long to = shape.get(axis);
      if (from < 0 || to < 0) {
        throw refusal.refused(
            "resizes by '%s' an image whose size the file does not tell".formatted(how));
      }
      double[] weights = weights(how, antialias, from, to, refusal);
      String name = axis == 2 ? "rows" : "columns";
      Value matrix =
          axis == 2
              ? constants.constant(name, List.of(to, from), weights)
              : constants.constant(name, List.of(from, to), transposed(weights, to, from));
      value = axis == 2 ? ops.call("matmul", matrix, value) : ops.call("matmul", value, matrix);
    }
    return Tensor.of(value, shape);
  }

  private static double[] transposed(double[] matrix, long rows, long columns) {
    double[] result = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[(int) (j * rows + i)] = matrix[(int) (i * columns + j)];
      }
    }
    return result;
  }

  private static double[] weights(
      String how, boolean antialias, long from, long to, Refusal refusal) {
    if (from > LARGEST || to > LARGEST) {
      throw refusal.refused(
          "resizes from %s to %s pixels by '%s'; at most %s are known here"
              .formatted(from, to, how, LARGEST));
    }
    double[] matrix = new double[Math.toIntExact(from * to)];
    if (how.equals("area")) {
      area(matrix, from, to);
    } else if (how.equals("bicubic") && !antialias) {
      bicubic(matrix, from, to);
    } else {
      weigh(matrix, from, to, kernel(how, refusal), antialias);
    }
    return matrix;
  }

  private static Kernel kernel(String how, Refusal refusal) {
    return switch (how) {
      case "bilinear" -> new Kernel(1, x -> Math.max(0, 1 - x));
      case "bicubic" -> new Kernel(2, Resizer::keysCubic);
      case "lanczos3" -> new Kernel(3, x -> lanczos(x, 3));
      case "lanczos5" -> new Kernel(5, x -> lanczos(x, 5));
      case "gaussian" -> new Kernel(1.5, x -> x >= 1.5 ? 0 : Math.exp(-x * x / 0.5));
      case "mitchellcubic" -> new Kernel(2, Resizer::mitchellCubic);
      default ->
          throw refusal.refused(
              "has the interpolation '%s', which is not known here; nearest, bilinear, bicubic, lanczos3, lanczos5, gaussian and mitchellcubic are"
                  .formatted(how));
    };
  }

  private static double keysCubic(double x) {
    if (x >= 2) {
      return 0;
    }
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
  }

  private static double mitchellCubic(double x) {
    if (x >= 2) {
      return 0;
    }
    return x >= 1
        ? ((-7.0 / 18 * x + 2) * x - 10.0 / 3) * x + 16.0 / 9
        : (7.0 / 6 * x - 2) * x * x + 8.0 / 9;
  }

  private static double lanczos(double x, double radius) {
    if (x > radius) {
      return 0;
    }
    double angle = Math.PI * x;
    return x <= 1e-3 ? 1 : radius * Math.sin(angle) * Math.sin(angle / radius) / (angle * angle);
  }

  /** The weights of all pixels under a kernel, those outside dropped and the rest made to sum 1. */
  private static void weigh(double[] matrix, long from, long to, Kernel kernel, boolean antialias) {
    double scale = (double) from / to;
    double width = antialias ? Math.max(scale, 1) : 1;
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      double sum = 0;
      long first = (long) Math.max(0, Math.ceil(centre - kernel.radius() * width - 0.5));
      long last = (long) Math.min(from - 1, Math.floor(centre + kernel.radius() * width - 0.5));
      for (long j = first; j <= last; j++) {
        double weight = kernel.weight().applyAsDouble(Math.abs(j + 0.5 - centre) / width);
        matrix[(int) (i * from + j)] = weight;
        sum += weight;
      }
      for (long j = first; j <= last && sum != 0; j++) {
        matrix[(int) (i * from + j)] /= sum;
      }
    }
  }

  /** TensorFlow rounds the place between two pixels to one of 1024. */
  private static void bicubic(double[] matrix, long from, long to) {
    float scale = (float) from / to;
    for (int i = 0; i < to; i++) {
      float place = (i + 0.5f) * scale - 0.5f;
      long pixel = (long) Math.floor(place);
      double share = Math.rint((place - pixel) * TABLE) / TABLE;
      double[] weights = {outer(share + 1), inner(share), inner(1 - share), outer(2 - share)};
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        long at = pixel - 1 + k;
        sum += at >= 0 && at < from ? weights[k] : 0;
      }
      for (int k = 0; k < weights.length; k++) {
        long at = pixel - 1 + k;
        if (at >= 0 && at < from) {
          matrix[(int) (i * from + at)] = weights[k] / sum;
        }
      }
    }
  }

  private static double inner(double x) {
    return ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  }

  private static double outer(double x) {
    return ((SHARPNESS * x - 5 * SHARPNESS) * x + 8 * SHARPNESS) * x - 4 * SHARPNESS;
  }

  private static void area(double[] matrix, long from, long to) {
    double scale = (double) from / to;
    for (int i = 0; i < to; i++) {
      double start = i * scale;
      double end = (i + 1) * scale;
      for (long j = (long) Math.floor(start); j < Math.min(from, Math.ceil(end)); j++) {
        double covered = Math.min(j + 1, end) - Math.max(j, start);
        matrix[(int) (i * from + j)] = covered / scale;
      }
    }
  }

  /** The largest part in the middle that has the ratio of a size, resized to that size. */
  static Tensor croppedToRatio(Call call, Tensor x, List<Long> size) {
    return resized(
        call,
        cropped(call, x, size),
        List.of(Ops.number(size.get(0)), Ops.number(size.get(1))),
        "bilinear",
        false);
  }

  /** With as much on both sides as gives it the ratio of a size. */
  static Tensor paddedToRatio(Call call, Tensor x, List<Long> size, double fill) {
    long[] from = {x.extent(2), x.extent(3)};
    if (from[0] < 0 || from[1] < 0) {
      throw call.refused("pads an image whose size the file does not tell");
    }
    long height = (long) ((double) (from[1] * size.get(0)) / size.get(1));
    long width = (long) ((double) (from[0] * size.get(1)) / size.get(0));
    long above = (Math.max(from[0], height) - from[0]) / 2;
    long left = (Math.max(from[1], width) - from[1]) / 2;
    return Spatial.padded(call.ops(), x, new long[][] {{above, above}, {left, left}}, fill);
  }

  /** The largest part in the middle that has the ratio of a size. */
  static Tensor cropped(Call call, Tensor x, List<Long> size) {
    long[] from = {x.extent(2), x.extent(3)};
    if (from[0] < 0 || from[1] < 0) {
      throw call.refused("crops an image whose size the file does not tell");
    }
    long height = (long) ((double) (from[1] * size.get(0)) / size.get(1));
    long width = (long) ((double) (from[0] * size.get(1)) / size.get(0));
    long[] crop = {Math.max(Math.min(from[0], height), 1), Math.max(Math.min(from[1], width), 1)};
    Tensor y = x;
    for (int i = 0; i < 2; i++) {
      long start = (from[i] - crop[i]) / 2;
      y = call.ops().part(y, i + 2, Ops.number(start), Ops.number(start + crop[i]));
    }
    return y;
  }
}
