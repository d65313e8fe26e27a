package org.palimpsest.core.measure;

/**
 * A prepared representation from which other samples can be drawn without starting over: distances
 * and Gram matrices are reordered, at O(n²) instead of O(n² p). Permutation baselines and bootstrap
 * intervals are fast for measures whose preparation makes this, and prepare each draw anew for the
 * others.
 *
 * @param <P> its own type
 */
public interface Resamplable<P extends Prepared> extends Prepared {

  /**
   * What the preparation would have made of these rows.
   *
   * <p>A row that is drawn several times is one sample that counts as often, not several that
   * happen to be equal: estimators that leave out the similarity of a sample with itself leave out
   * that of its copies too.
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
