package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/** Which layers and tensors of two networks have one name and one shape. */
record PairedLayers(
    List<String> layers,
    List<TensorPair> biases,
    List<TensorPair> normalisation,
    List<TensorPair> arrays,
    List<LeftOut> unmatched) {

  private static final String DIFFERENT_SHAPES = "The shapes differ: ";

  record TensorPair(String name, INDArray before, INDArray after) {}

  static PairedLayers of(NetworkFilters before, NetworkFilters after) {
    List<LeftOut> unmatched = new ArrayList<>();
    List<String> layers = layers(before, after, unmatched);
    List<TensorPair> biases = new ArrayList<>();
    List<TensorPair> normalisation = new ArrayList<>();
    Set<String> scalesOfBefore = names(before.normalisation());
    Set<String> scalesOfAfter = names(after.normalisation());
    for (TensorPair pair : pairs(before, vectors(before), after, vectors(after), unmatched)) {
      boolean scale = scalesOfBefore.contains(pair.name) && scalesOfAfter.contains(pair.name);
      (scale ? normalisation : biases).add(pair);
    }
    List<TensorPair> arrays = pairs(before, before.arrays(), after, after.arrays(), unmatched);
    addLeftOut(before, unmatched);
    addLeftOut(after, unmatched);
    return new PairedLayers(layers, biases, normalisation, arrays, unmatched);
  }

  /**
   * What is a bias in one file may look like a scale in the other, which lacks the weight beside.
   */
  private static List<WeightTensor> vectors(NetworkFilters network) {
    return Stream.of(network.biases(), network.normalisation()).flatMap(List::stream).toList();
  }

  private static Set<String> names(List<WeightTensor> tensors) {
    return tensors.stream().map(WeightTensor::name).collect(Collectors.toSet());
  }

  /** Arrays were compared, or it is told why not. */
  private static void addLeftOut(NetworkFilters network, List<LeftOut> unmatched) {
    Set<String> arrays = names(network.arrays());
    network.leftOut().stream()
        .filter(one -> !arrays.contains(one.name()) && !unmatched.contains(one))
        .forEach(unmatched::add);
  }

  void requireLayers(NetworkFilters before, NetworkFilters after) {
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
  }

  private static List<String> layers(
      NetworkFilters before, NetworkFilters after, List<LeftOut> unmatched) {
    List<String> layers = new ArrayList<>();
    for (FilterBank.Layout layout : before.layouts()) {
      Optional<FilterBank.Layout> other = after.layout(layout.layer());
      Optional<String> otherUnit = before.otherUnit(layout.layer(), after);
      if (other.isEmpty()) {
        unmatched.add(missing(layout.layer(), before, after));
      } else if (otherUnit.isPresent()) {
        unmatched.add(new LeftOut(layout.layer(), otherUnit.get()));
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
    Map<String, WeightTensor> others = new LinkedHashMap<>();
    ofAfter.forEach(tensor -> others.put(tensor.name(), tensor));
    List<TensorPair> pairs = new ArrayList<>();
    for (WeightTensor tensor : ofBefore) {
      WeightTensor other = others.remove(tensor.name());
      Optional<LeftOut> reason =
          other == null
              ? Optional.of(missing(tensor.name(), before, after))
              : incomparable(before.network(), tensor, after.network(), other);
      if (other == null || reason.isPresent()) {
        reason.ifPresent(unmatched::add);
      } else {
        pairs.add(new TensorPair(tensor.name(), tensor.values(), other.values()));
      }
    }
    others.keySet().forEach(name -> unmatched.add(missing(name, after, before)));
    return pairs;
  }

  private static Optional<LeftOut> incomparable(
      String before, WeightTensor a, String after, WeightTensor b) {
    long[] shape = a.values().shape();
    long[] other = b.values().shape();
    return Arrays.equals(shape, other)
        ? NetworkFilters.otherUnit(before, a, after, b).map(why -> new LeftOut(a.name(), why))
        : Optional.of(otherShape(a.name(), Arrays.toString(shape), Arrays.toString(other)));
  }

  private static boolean sameShape(FilterBank.Layout a, FilterBank.Layout b) {
    return a.kind() == b.kind()
        && a.filters() == b.filters()
        && a.inputChannels() == b.inputChannels()
        && a.kernel().equals(b.kernel());
  }

  private static String describe(FilterBank.Layout layout) {
    return "%s of %d filters, %d input channels, kernel %s"
        .formatted(layout.kind(), layout.filters(), layout.inputChannels(), layout.kernel());
  }

  private static LeftOut missing(String name, NetworkFilters from, NetworkFilters in) {
    return new LeftOut(
        name,
        in.leavesOut(name)
            ? "%s has it, but there it is left out.".formatted(in.network())
            : "Read from %s alone.".formatted(from.network()));
  }

  private static String firstReason(List<LeftOut> unmatched) {
    return unmatched.stream()
        .filter(
            one ->
                one.reason().startsWith(DIFFERENT_SHAPES)
                    || one.reason().startsWith(NetworkFilters.OTHER_UNIT))
        .findFirst()
        .map(one -> " '%s': %s".formatted(one.name(), one.reason()))
        .orElse("");
  }

  private static LeftOut otherShape(String name, String before, String after) {
    return new LeftOut(name, DIFFERENT_SHAPES + "%s and %s.".formatted(before, after));
  }

  private static String names(NetworkFilters network) {
    return some(network.layouts().stream().map(FilterBank.Layout::layer).toList());
  }

  static String some(List<String> all) {
    List<String> names = all.stream().limit(3).toList();
    return String.join(", ", names) + (all.size() > names.size() ? ", …" : "");
  }
}
