package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** Decides what the axes of a weight tensor mean. */
final class FilterAxes {

  private FilterAxes() {}

  static FilterBank.Layout layout(
      String layer, String tensor, LayerKind told, long[] shape, OptionalLong biasLength) {
    requireSizes(layer, shape);
    List<String> notes = new ArrayList<>();
    LayerKind kind = told == LayerKind.UNKNOWN ? infer(shape, biasLength, notes) : told;
    int[] axes = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    List<Integer> kernel = Arrays.stream(axes).skip(2).boxed().toList();
    return switch (kind) {
      case LINEAR -> {
        requireRank(layer, kind, shape, shape.length == 2, "two axes, (out, in)");
        yield new FilterBank.Layout(layer, tensor, kind, axes[0], axes[1], List.of(), 1, notes);
      }
      case CONVOLUTION -> {
        requireRank(layer, kind, shape, shape.length >= 3, "the axes (out, in, space…)");
        yield new FilterBank.Layout(layer, tensor, kind, axes[0], axes[1], kernel, 1, notes);
      }
      case TRANSPOSED_CONVOLUTION -> {
        requireRank(layer, kind, shape, shape.length >= 3, "the axes (in, out, space…)");
        int groups = groups(axes, biasLength);
        yield new FilterBank.Layout(
            layer, tensor, kind, axes[1] * groups, axes[0] / groups, kernel, groups, notes);
      }
      default ->
          throw new PalimpsestException(
              "Layer '%s' is of kind %s, which has no filters.".formatted(layer, kind));
    };
  }

  /** A grouped transposed convolution has the shape (in, out / groups, space…) and out biases. */
  private static int groups(int[] axes, OptionalLong biasLength) {
    if (biasLength.isEmpty() || biasLength.getAsLong() % axes[1] != 0) {
      return 1;
    }
    int groups = Math.toIntExact(biasLength.getAsLong() / axes[1]);
    return groups > 0 && axes[0] % groups == 0 ? groups : 1;
  }

  private static LayerKind infer(long[] shape, OptionalLong biasLength, List<String> notes) {
    if (shape.length == 2) {
      return LayerKind.LINEAR;
    }
    long bias = biasLength.orElse(-1);
    if (bias >= 0 && bias == shape[0] && bias != shape[1]) {
      return LayerKind.CONVOLUTION;
    }
    if (bias >= 0 && bias != shape[0] && transposedWith(shape, bias)) {
      return LayerKind.TRANSPOSED_CONVOLUTION;
    }
    notes.add(
        "The file does not tell a convolution from a transposed one, and %s: taken for a convolution, axes (out, in, space…)."
            .formatted(
                biasLength.isEmpty()
                    ? "there is no bias to tell by"
                    : "its bias of length %s fits %s".formatted(bias, Arrays.toString(shape))));
    return LayerKind.CONVOLUTION;
  }

  private static boolean transposedWith(long[] shape, long bias) {
    return bias > 0 && bias % shape[1] == 0 && shape[0] % (bias / shape[1]) == 0;
  }

  private static void requireRank(
      String layer, LayerKind kind, long[] shape, boolean holds, String wanted) {
    if (!holds) {
      throw new PalimpsestException(
          "Layer '%s' is of kind %s, whose weights have %s, but its shape is %s."
              .formatted(layer, kind, wanted, Arrays.toString(shape)));
    }
  }

  private static void requireSizes(String layer, long[] shape) {
    long product = 1;
    for (long extent : shape) {
      product = extent == 0 ? 0 : Math.multiplyExact(product, extent);
    }
    if (shape.length < 2 || product == 0 || product > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "Layer '%s' has weights of shape %s; filters need at least two axes and between 1 and 2^31 weights."
              .formatted(layer, Arrays.toString(shape)));
    }
  }
}
