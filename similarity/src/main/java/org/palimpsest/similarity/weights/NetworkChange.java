package org.palimpsest.similarity.weights;

import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;

/**
 * How a network's weights changed from one checkpoint to another.
 *
 * @param before where the first came from
 * @param after where the second came from
 * @param layers the change of each layer's filters, in the order of the file
 * @param biases the change of their biases, apart
 * @param normalisation the change of scales, shifts and running statistics, apart
 * @param unmatched what was not compared, and why
 */
public record NetworkChange(
    Provenance before,
    Provenance after,
    List<LayerChange> layers,
    List<VectorChange> biases,
    List<VectorChange> normalisation,
    List<LeftOut> unmatched) {

  public NetworkChange {
    layers = List.copyOf(layers);
    biases = List.copyOf(biases);
    normalisation = List.copyOf(normalisation);
    unmatched = List.copyOf(unmatched);
  }

  /**
   * One layer's change.
   *
   * @throws PalimpsestException if the layer was not compared
   */
  public LayerChange layer(String name) {
    return layers.stream()
        .filter(change -> change.layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not compared.".formatted(name)));
  }

  /** All figures as rows: filters first, then biases, then normalisation. */
  public List<WeightFigure> figures() {
    return Stream.concat(
            layers.stream().flatMap(layer -> layer.figures().stream()),
            Stream.concat(biases.stream(), normalisation.stream())
                .flatMap(vector -> vector.figures().stream()))
        .toList();
  }
}
