package org.palimpsest.similarity.linalg;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.representation.Representation;

/**
 * Takes off each feature's mean, and one power of two off all of them, so that neither a large mean
 * nor an extreme scale can spoil a product. Whatever else a measure needs of a layer is computed
 * when first asked for and kept with it, so that all linear measures share it.
 */
public record Centring() implements Preparation<CentredLayer> {

  /**
   * Centres a layer, in two passes over it.
   *
   * @throws PalimpsestException if no feature varies
   */
  @Override
  public CentredLayer prepare(Representation representation) {
    return new Centrer(representation).centre();
  }
}
