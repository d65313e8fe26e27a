package org.palimpsest.core.measure;

import org.palimpsest.core.representation.RepresentationInfo;

/**
 * A representation made ready for comparisons by one measure or by several: centred, whitened,
 * ranked, turned into distances, whatever takes work that depends on one layer alone.
 *
 * <p>Preparing costs far more than comparing for most measures, so that of L layers each is
 * prepared once and compared L times. Implementations are immutable, and hold all that {@link
 * Computation#compare} needs: the representation itself may be gone by then.
 */
public interface Prepared {

  /**
   * What it was made of: layer, n samples, p features, probes. By it a comparison finds out that
   * two layers do not come from the same samples.
   */
  RepresentationInfo info();

  /**
   * About how many bytes it takes in memory; by this, bounds of memory are kept. Unless overridden
   * that of an n × p matrix of float64, which is too much for what holds p × p moments of many
   * samples, and too little for n × n distances of few features.
   */
  default long bytes() {
    return info().samples() * info().features() * Double.BYTES;
  }
}
