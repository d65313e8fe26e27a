package org.palimpsest.similarity.filters;

/** What a test of randomness asks; fresh filters may pass one and fail another. */
public enum RandomnessQuestion {
  /** Are the values still distributed as those that the layer was drawn from? */
  DRAWN_FROM,
  /**
   * Have the values the form that the assumed start draws, such as normal or uniform, with their
   * own mean and variance?
   */
  VALUES,
  /**
   * Are the values arranged as if independent: no smoothness within kernels, no filter patterns
   * that many share?
   */
  STRUCTURE
}
