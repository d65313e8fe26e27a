package org.palimpsest.similarity.filters;

import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.similarity.weights.LeftOut;
import org.palimpsest.similarity.weights.WeightFigure;

/**
 * How random a network's filters look, layer by layer.
 *
 * @param provenance where the weights came from
 * @param layers the tested layers, in the order of the file
 * @param leftOut layers that nothing can be said of, and why
 * @param assumedStart the form of values that fresh layers are taken to have, and how it was found
 * @param setting the null model, simulations and seed, in words
 */
public record NetworkRandomness(
    Provenance provenance,
    List<LayerRandomness> layers,
    List<LeftOut> leftOut,
    String assumedStart,
    String setting) {

  public NetworkRandomness {
    layers = List.copyOf(layers);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * One layer's figures.
   *
   * @throws PalimpsestException if that layer was not tested
   */
  public LayerRandomness layer(String name) {
    return layers.stream()
        .filter(layer -> layer.layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not tested.".formatted(name)));
  }

  /** One row per layer and test. */
  public List<WeightFigure> rows() {
    return layers.stream().flatMap(layer -> layer.rows().stream()).toList();
  }
}
