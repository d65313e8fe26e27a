package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/** Which layers and tensors of two networks have one name and one shape. */
record PairedLayers(
    List<String> layers,
    List<TensorPair> biases,
    List<TensorPair> normalisation,
    List<LeftOut> unmatched) {

  private static final String DIFFERENT_SHAPES = "The shapes differ: ";

  record TensorPair(String name, INDArray before, INDArray after) {}

  static PairedLayers of(NetworkFilters before, NetworkFilters after) {
    before.requireLayers();
    after.requireLayers();
    List<LeftOut> unmatched = new ArrayList<>();
    List<String> layers = layers(before, after, unmatched);
    if (layers.isEmpty()) {
      throw new PalimpsestException(
          "%s and %s have no layer of one name and shape (%s and %s).%s Weights can only be compared within one architecture."
              .formatted(
                  before.network(),
                  after.network(),
                  names(before),
                  names(after),
                  firstReason(unmatched)));
    }
    List<TensorPair> biases = pairs(before, before.biases(), after, after.biases(), unmatched);
    List<TensorPair> normalisation =
        pairs(before, before.normalisation(), after, after.normalisation(), unmatched);
    unmatched.addAll(before.leftOut());
    after.leftOut().stream().filter(one -> !unmatched.contains(one)).forEach(unmatched::add);
    return new PairedLayers(layers, biases, normalisation, unmatched);
  }

  private static List<String> layers(
      NetworkFilters before, NetworkFilters after, List<LeftOut> unmatched) {
    List<String> layers = new ArrayList<>();
    for (FilterLayout layout : before.layouts()) {
      Optional<FilterLayout> other = after.layout(layout.layer());
      if (other.isEmpty()) {
        unmatched.add(missing(layout.layer(), before, after));
      } else if (sameShape(layout, other.get())) {
        layers.add(layout.layer());
      } else {
        unmatched.add(otherShape(layout.layer(), describe(layout), describe(other.get())));
      }
    }
    after.layouts().stream()
        .filter(layout -> before.layout(layout.layer()).isEmpty())
        .forEach(layout -> unmatched.add(missing(layout.layer(), after, before)));
    return layers;
  }

  private static List<TensorPair> pairs(
      NetworkFilters before,
      List<WeightTensor> ofBefore,
      NetworkFilters after,
      List<WeightTensor> ofAfter,
      List<LeftOut> unmatched) {
    Map<String, INDArray> others = new LinkedHashMap<>();
    ofAfter.forEach(tensor -> others.put(tensor.name(), tensor.values()));
    List<TensorPair> pairs = new ArrayList<>();
    for (WeightTensor tensor : ofBefore) {
      INDArray other = others.remove(tensor.name());
      if (other == null) {
        unmatched.add(missing(tensor.name(), before, after));
      } else if (Arrays.equals(tensor.values().shape(), other.shape())) {
        pairs.add(new TensorPair(tensor.name(), tensor.values(), other));
      } else {
        unmatched.add(
            otherShape(
                tensor.name(),
                Arrays.toString(tensor.values().shape()),
                Arrays.toString(other.shape())));
      }
    }
    others.keySet().forEach(name -> unmatched.add(missing(name, after, before)));
    return pairs;
  }

  private static boolean sameShape(FilterLayout a, FilterLayout b) {
    return a.kind() == b.kind()
        && a.filters() == b.filters()
        && a.inputChannels() == b.inputChannels()
        && a.kernel().equals(b.kernel());
  }

  private static String describe(FilterLayout layout) {
    return "%s of %d filters, %d input channels, kernel %s"
        .formatted(layout.kind(), layout.filters(), layout.inputChannels(), layout.kernel());
  }

  private static LeftOut missing(String name, NetworkFilters from, NetworkFilters in) {
    return new LeftOut(
        name,
        in.leavesOut(name)
            ? "%s has it, but there it is left out.".formatted(in.network())
            : "Only %s has it.".formatted(from.network()));
  }

  private static String firstReason(List<LeftOut> unmatched) {
    return unmatched.stream()
        .filter(one -> one.reason().startsWith(DIFFERENT_SHAPES))
        .findFirst()
        .map(one -> " '%s': %s".formatted(one.name(), one.reason()))
        .orElse("");
  }

  private static LeftOut otherShape(String name, String before, String after) {
    return new LeftOut(name, DIFFERENT_SHAPES + "%s and %s.".formatted(before, after));
  }

  private static String names(NetworkFilters network) {
    List<String> names = network.layouts().stream().map(FilterLayout::layer).limit(3).toList();
    return String.join(", ", names) + (network.layouts().size() > names.size() ? ", …" : "");
  }
}
