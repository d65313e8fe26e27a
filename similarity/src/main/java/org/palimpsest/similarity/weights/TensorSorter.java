package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.weights.EffectiveWeights;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.core.weights.Weights;

/** Tells filters, biases and normalisation apart. */
final class TensorSorter {

  /** What a layer's weights are called by PyTorch and by DL4J, and what its bias is called then. */
  private static final Map<String, String> BIAS_BESIDE = Map.of("weight", "bias", "W", "b");

  private static final Pattern WITHIN_MODULE =
      Pattern.compile("(.*?)\\.(parametrizations\\.)?weight([._].*)?");

  final Map<String, FilterLayout> layouts = new LinkedHashMap<>();
  final Map<String, WeightTensor> tensors = new LinkedHashMap<>();
  final List<WeightTensor> biases = new ArrayList<>();
  final List<WeightTensor> normalisation = new ArrayList<>();
  final List<LeftOut> leftOut = new ArrayList<>();

  final List<String> computed;

  private final Weights weights;
  private final Map<INDArray, String> seen = new IdentityHashMap<>();
  private final Set<String> modulesWithRunningStatistics = new LinkedHashSet<>();
  private final Set<String> modulesWithFilters = new LinkedHashSet<>();

  TensorSorter(Weights stored) {
    EffectiveWeights effective = EffectiveWeights.of(stored);
    this.weights = effective.weights();
    this.computed = effective.computed();
    effective
        .leftOut()
        .forEach(
            (name, reason) -> {
              leftOut.add(new LeftOut(name, reason));
              moduleOfWeight(name, stored).ifPresent(modulesWithFilters::add);
            });
    for (WeightTensor tensor : weights.tensors()) {
      if (tensor.role().startsWith("running_")) {
        modulesWithRunningStatistics.add(tensor.layer());
      }
      if (tensor.values().rank() >= 2 && !hasBiasOfItsShape(tensor)) {
        modulesWithFilters.add(tensor.layer());
      }
    }
    weights.tensors().forEach(this::sortOnce);
  }

  /**
   * The layer whose weight it is that was taken out: what lies beside it is a bias all the same.
   */
  private static Optional<String> moduleOfWeight(String name, Weights stored) {
    boolean filters = stored.find(name).filter(tensor -> tensor.values().rank() >= 2).isPresent();
    Matcher within = WITHIN_MODULE.matcher(name);
    return filters && within.matches() ? Optional.of(within.group(1)) : Optional.empty();
  }

  /** A tensor that a file holds under several names is told under the first of them. */
  private void sortOnce(WeightTensor tensor) {
    String first = seen.putIfAbsent(tensor.values(), tensor.name());
    if (first == null) {
      sort(tensor);
    } else {
      leftOut.add(
          new LeftOut(
              tensor.name(), "It is the same tensor as '%s', which is told.".formatted(first)));
    }
  }

  private void sort(WeightTensor tensor) {
    if (tensor.values().isEmpty() || tensor.values().rank() == 0) {
      leftOut.add(
          new LeftOut(
              tensor.name(), "It is a single number or empty, such as a counter of steps."));
    } else if (isNormalisation(tensor)) {
      normalisation.add(tensor);
    } else if (tensor.layerKind() == LayerKind.OTHER) {
      leftOut.add(
          new LeftOut(tensor.name(), "Its layer is neither a convolution nor a linear layer."));
    } else if (tensor.values().rank() == 1) {
      biases.add(tensor);
    } else {
      addFilters(tensor);
    }
  }

  private boolean isNormalisation(WeightTensor tensor) {
    return switch (tensor.layerKind()) {
      case NORMALISATION -> true;
      case UNKNOWN ->
          tensor.values().rank() == 1
                  && (modulesWithRunningStatistics.contains(tensor.layer())
                      || !modulesWithFilters.contains(tensor.layer()))
              || hasBiasOfItsShape(tensor);
      default -> false;
    };
  }

  /** Of several axes both scale and shift are layer normalisation over these axes. */
  private boolean hasBiasOfItsShape(WeightTensor tensor) {
    String before = tensor.layer().isEmpty() ? "" : tensor.layer() + ".";
    Optional<WeightTensor> scale = weights.find(before + "weight");
    Optional<WeightTensor> shift = weights.find(before + "bias");
    return tensor.layerKind() == LayerKind.UNKNOWN
        && tensor.values().rank() > 1
        && (tensor.role().equals("weight") || tensor.role().equals("bias"))
        && scale.isPresent()
        && shift.isPresent()
        && Arrays.equals(scale.get().values().shape(), shift.get().values().shape());
  }

  private void addFilters(WeightTensor tensor) {
    if (!rankFits(tensor.layerKind(), tensor.values().rank())) {
      leftOut.add(
          new LeftOut(
              tensor.name(),
              "Its layer is of kind %s, which the shape %s does not fit."
                  .formatted(tensor.layerKind(), Arrays.toString(tensor.values().shape()))));
      return;
    }
    boolean plain = BIAS_BESIDE.containsKey(tensor.role()) && !tensor.layer().isEmpty();
    String layer = plain ? tensor.layer() : tensor.name();
    layouts.put(
        layer,
        FilterAxes.layout(
            layer, tensor.name(), tensor.layerKind(), tensor.values().shape(), biasLength(tensor)));
    tensors.put(layer, tensor);
  }

  private static boolean rankFits(LayerKind kind, int rank) {
    return switch (kind) {
      case LINEAR -> rank == 2;
      case CONVOLUTION, TRANSPOSED_CONVOLUTION -> rank >= 3;
      default -> true;
    };
  }

  private OptionalLong biasLength(WeightTensor tensor) {
    String role = BIAS_BESIDE.getOrDefault(tensor.role(), "bias");
    String bias = tensor.layer().isEmpty() ? role : tensor.layer() + "." + role;
    return weights
        .find(bias)
        .filter(found -> found.values().rank() == 1)
        .map(found -> OptionalLong.of(found.values().length()))
        .orElse(OptionalLong.empty());
  }
}
