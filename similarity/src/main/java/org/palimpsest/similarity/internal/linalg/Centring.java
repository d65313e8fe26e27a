package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;

/**
 * Takes off each feature's mean, and one power of two off all of them, so that neither a large mean
 * nor an extreme scale can spoil a product. Whatever else a measure needs of a layer is computed
 * when first asked for and kept with it, so that all linear measures share it.
 *
 * @param keepsMeans whether the means stay after all
 */
public record Centring(boolean keepsMeans) implements Preparation<CentredLayer> {

  public static Centring ofFeatures() {
    return new Centring(false);
  }

  /** Scales alone: for what is defined on raw features. */
  public static Centring none() {
    return new Centring(true);
  }

  /**
   * Centres a layer, in two passes over it.
   *
   * @throws PalimpsestException if no feature varies, or all are zero where means are kept
   */
  @Override
  public CentredLayer prepare(Representation representation) {
    return new Centrer(representation, keepsMeans).centre();
  }

  @Override
  public Optional<PreparedFormat<CentredLayer>> format() {
    return Optional.of(new CentredLayer.Format());
  }
}
