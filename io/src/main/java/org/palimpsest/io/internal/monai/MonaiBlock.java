package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/**
 * What follows MONAI's convolutions: normalisation, dropout and activation in some order.
 *
 * @param what the network, for messages
 * @param ordering of the letters N, D and A
 */
record MonaiBlock(String what, String ordering, JsonNode norm, JsonNode act, JsonNode dropout) {

  /** MONAI's own defaults where a network says nothing. */
  static MonaiBlock usual(String what, JsonNode dropout) {
    return new MonaiBlock(
        what, "NDA", Factories.json("\"INSTANCE\""), Factories.json("\"PRELU\""), dropout);
  }

  /** With none of the three. */
  static MonaiBlock bare(String what) {
    JsonNode none = NullNode.getInstance();
    return new MonaiBlock(what, "NDA", none, none, none);
  }

  /** {@code Convolution}: padded to the same size, then what the block says. */
  Layer convolution(Convolution convolution) {
    return followedBy(convolution, convolution.out());
  }

  /** {@code Convolution} that is transposed, padded so that the stride multiplies the size. */
  Layer transposed(long in, long out, List<Long> kernel, List<Long> stride, boolean bias) {
    return followedBy(transposedAlone(in, out, kernel, stride, bias), out);
  }

  static TransposedConvolution transposedAlone(
      long in, long out, List<Long> kernel, List<Long> stride, boolean bias) {
    return TransposedConvolution.of(in, out, kernel, stride)
        .withPadding(same(kernel), stride.stream().map(step -> step - 1).toList())
        .withBias(bias);
  }

  /** A convolution of MONAI's without anything behind it, which has a module of its own still. */
  static Layer only(Layer convolution) {
    return Layer.sequence(Map.of("conv", convolution));
  }

  /** A convolution with MONAI's padding. */
  static Convolution padded(long in, long out, List<Long> kernel, List<Long> stride, boolean bias) {
    return Convolution.of(in, out, kernel)
        .withStride(stride)
        .withPadding(same(kernel))
        .withBias(bias);
  }

  private static List<Long> same(List<Long> kernel) {
    if (kernel.stream().anyMatch(extent -> extent % 2 == 0)) {
      throw new PalimpsestException(
          "MONAI pads odd kernels alone to the same size; this one is %s.".formatted(kernel));
    }
    return kernel.stream().map(extent -> (extent - 1) / 2).toList();
  }

  /** A convolution and what follows it. */
  Layer followedBy(Layer convolution, long channels) {
    Map<String, Layer> parts = new LinkedHashMap<>();
    parts.put("conv", convolution);
    if (!norm.isNull() || !act.isNull() || !dropout.isNull()) {
      parts.put("adn", Layer.sequence(after(channels)));
    }
    return Layer.sequence(parts);
  }

  private Map<String, Layer> after(long channels) {
    Map<String, Layer> parts = new LinkedHashMap<>();
    for (String letter : ordering.toUpperCase(Locale.ROOT).split("")) {
      Optional<Layer> part =
          switch (letter) {
            case "N" -> Factories.normalisation(norm, channels, what);
            case "D" -> dropout.isNull() ? Optional.empty() : Optional.of(Layer.identity());
            case "A" -> Factories.activation(act, what);
            default ->
                throw new PalimpsestException(
                    "adn_ordering of %s is '%s' where the letters A, D and N are expected."
                        .formatted(what, ordering));
          };
      part.ifPresent(layer -> parts.put(letter, layer));
    }
    return parts;
  }

  /**
   * {@code ResidualUnit}: the way around is called first; nothing follows the sum.
   *
   * @param first of its convolutions, padded; those after it are alike, but for their stride
   * @param units of convolutions
   * @param bareEnd whether nothing follows the last of them
   */
  Layer residual(Convolution first, long units, boolean bareEnd) {
    List<Long> ones = ones(first.kernel());
    Convolution further = padded(first.out(), first.out(), first.kernel(), ones, first.bias());
    return (module, input) -> {
      Value around = around(first).apply(module.child("residual"), input);
      Map<String, Layer> parts = new LinkedHashMap<>();
      for (int i = 0; i < Math.max(1, units); i++) {
        Convolution convolution = i == 0 ? first : further;
        boolean bare = bareEnd && i == Math.max(1, units) - 1;
        parts.put("unit" + i, bare ? only(convolution) : convolution(convolution));
      }
      Value through = Layer.sequence(parts).apply(module.child("conv"), input);
      return module.tap(module.call("add", through, around));
    };
  }

  private static Layer around(Convolution first) {
    if (first.stride().stream().anyMatch(step -> step != 1)) {
      return first;
    }
    List<Long> ones = ones(first.kernel());
    return first.in() == first.out()
        ? Layer.identity()
        : padded(first.in(), first.out(), ones, ones, first.bias());
  }

  static List<Long> ones(List<Long> like) {
    return Collections.nCopies(like.size(), 1L);
  }

  /** The same extent along each axis. */
  static List<Long> all(int axes, long extent) {
    return new ArrayList<>(Collections.nCopies(axes, extent));
  }
}
