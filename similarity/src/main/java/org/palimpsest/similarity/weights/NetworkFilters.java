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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.core.internal.weights.EffectiveWeights;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/**
 * A network's weights, sorted into filters, biases and normalisation.
 *
 * <p>Scales, shifts and running statistics of normalisation layers are never among the filters. A
 * layer's matrix is made when it is asked for, so that memory holds one layer at a time.
 *
 * <pre>{@code
 * NetworkFilters filters = NetworkFilters.of(Inputs.weights(Path.of("unet.ckpt"))).requireLayers();
 * filters.banks().forEach(bank -> System.out.println(bank)); // enc1: 8 filters × 9 weights …
 * }</pre>
 *
 * <p>Layers are named by their modules ({@code enc1.0}), or by the whole name of the tensor where
 * it is not called {@code weight} or {@code W}. Immutable; safe to use from several threads.
 */
public final class NetworkFilters {

  static final String OTHER_UNIT = "Stored as ";

  private static final int FEW = 3;

  private final String network;
  private final Provenance provenance;
  private final Map<String, FilterBank.Layout> layouts;
  private final Map<String, WeightTensor> tensors;
  private final List<WeightTensor> biases;
  private final List<WeightTensor> normalisation;
  private final List<WeightTensor> arrays;
  private final List<LeftOut> leftOut;

  NetworkFilters(Weights weights, TensorSorter sorted) {
    this.network = weights.name();
    this.provenance = noting(weights.provenance(), sorted.computed);
    this.layouts = sorted.layouts;
    this.tensors = sorted.tensors;
    this.biases = List.copyOf(sorted.biases);
    this.normalisation = List.copyOf(sorted.normalisation);
    this.arrays = List.copyOf(sorted.arrays);
    this.leftOut = List.copyOf(sorted.leftOut);
  }

  private static Provenance noting(Provenance file, List<String> computed) {
    List<String> notes = new ArrayList<>(file.notes());
    notes.addAll(computed);
    return new Provenance(file.origin(), file.sha256(), notes);
  }

  /**
   * Sorts a network's tensors, after weights that the file holds in parts were put together, such
   * as by weight normalisation, spectral normalisation and pruning in PyTorch.
   *
   * <p>Where the file does not tell a layer's kind: a module with running statistics, or whose
   * weight has one axis, is a normalisation; two axes are a linear layer; more are a convolution or
   * a transposed one, as the length of the bias decides (where it cannot, the layout says so in its
   * notes).
   */
  public static NetworkFilters of(Weights weights) {
    return new NetworkFilters(weights, new TensorSorter(weights));
  }

  /**
   * Makes sure that there is a layer with filters.
   *
   * @return this
   * @throws PalimpsestException if there is none, with what was left out and the file's notes,
   *     which tell what to do
   */
  public NetworkFilters requireLayers() {
    if (layouts.isEmpty()) {
      String left =
          leftOut.stream().map(LeftOut::name).limit(FEW).collect(Collectors.joining(", "));
      String more = leftOut.size() > FEW ? " and %s more".formatted(leftOut.size() - FEW) : "";
      String told = String.join("; ", provenance.notes());
      throw new PalimpsestException(
          "'%s' has no filters of a known layer%s%s%s."
              .formatted(
                  network,
                  left.isEmpty() ? "" : "; left out: " + left,
                  more,
                  told.isEmpty()
                      ? ". Give a file with weights of convolutions or linear layers"
                      : " (" + told.replaceFirst("\\.$", "") + ")"));
    }
    return this;
  }

  /** What to call the network in a table. */
  public String network() {
    return network;
  }

  /** Where the weights came from. */
  public Provenance provenance() {
    return provenance;
  }

  /** The layers that have filters, in the order of the file. */
  public List<FilterBank.Layout> layouts() {
    return List.copyOf(layouts.values());
  }

  /** The layout of one layer; empty if it has no filters. */
  public Optional<FilterBank.Layout> layout(String layer) {
    return Optional.ofNullable(layouts.get(layer));
  }

  /**
   * One layer's filters.
   *
   * @throws PalimpsestException if there is no such layer, naming the nearest, or a weight is not
   *     finite
   */
  public FilterBank bank(String layer) {
    FilterBank.Layout layout = layouts.get(layer);
    WeightTensor tensor = tensors.get(layer);
    if (layout == null || tensor == null) {
      throw new PalimpsestException(
          "'%s' has no filters named '%s'. Nearest of its %s layers: %s."
              .formatted(
                  network,
                  layer,
                  layouts.size(),
                  String.join(", ", Suggestions.nearest(layer, layouts.keySet()))));
    }
    try {
      return FilterBank.read(layout, tensor.values());
    } catch (PalimpsestException notFinite) {
      throw new PalimpsestException(provenance.origin() + ": " + notFinite.getMessage(), notFinite);
    }
  }

  /**
   * All layers' filters, in the order of the file, each made when it is reached.
   *
   * @throws PalimpsestException when a layer is reached in which a weight is not finite
   */
  public Stream<FilterBank> banks() {
    return layouts.keySet().stream().map(this::bank);
  }

  /** The biases of layers that have filters. */
  public List<WeightTensor> biases() {
    return biases;
  }

  /** Scales, shifts and running statistics of normalisation layers. */
  public List<WeightTensor> normalisation() {
    return normalisation;
  }

  /**
   * Those whose axes are not known, since their layers are neither convolutions nor linear layers,
   * or the file does not tell; they are among what is {@linkplain #leftOut() left out}, too.
   */
  public List<WeightTensor> arrays() {
    return arrays;
  }

  /**
   * Whether a layer or tensor is in the file but its weights were left out, as {@link #leftOut}
   * says why.
   *
   * @param name of a tensor, or of the layer whose weight it is
   */
  public boolean leavesOut(String name) {
    return leftOut.stream()
        .map(LeftOut::name)
        .anyMatch(
            one ->
                one.equals(name)
                    || one.startsWith(name + ".weight")
                    || one.startsWith(name + ".parametrizations."));
  }

  /**
   * Why a layer's weights are not of one unit with those of another network: one stores integers,
   * the other floating numbers. Empty if both store the same, or one has no filters of this layer.
   */
  public Optional<String> otherUnit(String layer, NetworkFilters other) {
    WeightTensor own = tensors.get(layer);
    WeightTensor others = other.tensors.get(layer);
    return own == null || others == null
        ? Optional.empty()
        : otherUnit(network, own, other.network, others);
  }

  static Optional<String> otherUnit(String a, WeightTensor ofA, String b, WeightTensor ofB) {
    return ofA.isOfIntegers() == ofB.isOfIntegers()
        ? Optional.empty()
        : Optional.of(
            (OTHER_UNIT
                    + "%s in %s and as %s in %s, and integers are weights only with their scale.")
                .formatted(ofA.dtype(), a, ofB.dtype(), b));
  }

  /** What is none of these: counters, and tensors of other layers. */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  /**
   * A tensor or layer that a computation did not use.
   *
   * @param name its name
   * @param reason why, in a whole sentence
   */
  public record LeftOut(String name, String reason) {}

  /** Tells filters, biases and normalisation apart. */
  private static final class TensorSorter {

    /**
     * What a layer's weights are called by PyTorch and by DL4J, and what its bias is called then.
     */
    private static final Map<String, String> BIAS_BESIDE = Map.of("weight", "bias", "W", "b");

    private static final Pattern WITHIN_MODULE =
        Pattern.compile("(.*?)\\.(parametrizations\\.)?weight([._].*)?");

    final Map<String, FilterBank.Layout> layouts = new LinkedHashMap<>();
    final Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    final List<WeightTensor> biases = new ArrayList<>();
    final List<WeightTensor> normalisation = new ArrayList<>();
    final List<WeightTensor> arrays = new ArrayList<>();
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
        arrays.add(tensor);
        leftOut.add(
            new LeftOut(
                tensor.name(),
                "Its layer is neither a convolution nor a linear layer, or the file does not tell what it is."));
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
              layer,
              tensor.name(),
              tensor.layerKind(),
              tensor.values().shape(),
              biasLength(tensor)));
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
}
