package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Suggestions;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.core.weights.Weights;

/**
 * A network's weights, sorted into filters, biases and normalisation.
 *
 * <p>Scales, shifts and running statistics of normalisation layers are never among the filters. A
 * layer's matrix is made when it is asked for, so that memory holds one layer at a time.
 */
public final class NetworkFilters {

  private static final int FEW = 3;

  private final String network;
  private final Provenance provenance;
  private final Map<String, FilterLayout> layouts;
  private final Map<String, WeightTensor> tensors;
  private final List<WeightTensor> biases;
  private final List<WeightTensor> normalisation;
  private final List<LeftOut> leftOut;

  NetworkFilters(Weights weights, TensorSorter sorted) {
    this.network = weights.name();
    this.provenance = noting(weights.provenance(), sorted.computed);
    this.layouts = sorted.layouts;
    this.tensors = sorted.tensors;
    this.biases = List.copyOf(sorted.biases);
    this.normalisation = List.copyOf(sorted.normalisation);
    this.leftOut = List.copyOf(sorted.leftOut);
  }

  private static Provenance noting(Provenance file, List<String> computed) {
    List<String> notes = new ArrayList<>(file.notes());
    notes.addAll(computed);
    return new Provenance(file.origin(), file.sha256(), notes);
  }

  /**
   * Sorts a network's tensors, after weights that the file holds in parts were put together (see
   * {@link org.palimpsest.core.weights.EffectiveWeights}).
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
      String more = leftOut.size() > FEW ? " and %d more".formatted(leftOut.size() - FEW) : "";
      String told = String.join("; ", provenance.notes());
      throw new PalimpsestException(
          "'%s' has no filters of a known layer%s%s%s."
              .formatted(
                  network,
                  left.isEmpty() ? "" : "; left out: " + left,
                  more,
                  told.isEmpty() ? "" : " (" + told.replaceFirst("\\.$", "") + ")"));
    }
    return this;
  }

  /** What to call the network in a table. */
  public String network() {
    return network;
  }

  public Provenance provenance() {
    return provenance;
  }

  /** The layers that have filters, in the order of the file. */
  public List<FilterLayout> layouts() {
    return List.copyOf(layouts.values());
  }

  public Optional<FilterLayout> layout(String layer) {
    return Optional.ofNullable(layouts.get(layer));
  }

  /**
   * One layer's filters.
   *
   * @throws PalimpsestException if there is no such layer, naming the nearest, or a weight is not
   *     finite
   */
  public FilterBank bank(String layer) {
    FilterLayout layout = layouts.get(layer);
    WeightTensor tensor = tensors.get(layer);
    if (layout == null || tensor == null) {
      throw new PalimpsestException(
          "'%s' has no filters named '%s'. Nearest of its %d layers: %s."
              .formatted(
                  network,
                  layer,
                  layouts.size(),
                  String.join(", ", Suggestions.nearest(layer, layouts.keySet()))));
    }
    return FilterBank.read(layout, tensor.values());
  }

  /** All layers' filters, each made when it is reached. */
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

  /** Whether a layer or tensor is in the file but its weights were left out. */
  public boolean leavesOut(String name) {
    return leftOut.stream()
        .map(LeftOut::name)
        .anyMatch(
            one ->
                one.equals(name)
                    || one.startsWith(name + ".weight")
                    || one.startsWith(name + ".parametrizations."));
  }

  /** What is none of these: counters, and tensors of other layers. */
  public List<LeftOut> leftOut() {
    return leftOut;
  }
}
