package org.palimpsest.core.measure;

import org.palimpsest.core.representation.Representation;

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
  Representation.Info info();

  /**
   * About how many bytes it takes in memory; by this, bounds of memory are kept. Unless overridden
   * that of an n × p matrix of float64, which is too much for what holds p × p moments of many
   * samples, and too little for n × n distances of few features.
   */
  default long bytes() {
    return info().samples() * info().features() * Double.BYTES;
  }

  /**
   * A prepared representation from which other samples can be drawn without starting over:
   * distances and Gram matrices are reordered, at O(n²) instead of O(n² p). Permutation baselines
   * and bootstrap intervals are fast for measures whose preparation makes this, and prepare each
   * draw anew for the others.
   *
   * @param <P> its own type
   */
  interface Resamplable<P extends Prepared> extends Prepared {

    /**
     * What the preparation would have made of these rows.
     *
     * <p>A row that is drawn several times is one sample that counts as often, not several that
     * happen to be equal: estimators that leave out the similarity of a sample with itself leave
     * out that of its copies too.
     *
     * @param rows indices of rows, as many as there are samples, in the new order
     * @throws org.palimpsest.core.PalimpsestException if nothing varies over these rows
     */
    P withRows(int[] rows);

    /** Whether these rows can be drawn, or only others, such as each row once. */
    default boolean canDraw(int[] rows) {
      return true;
    }
  }
}
