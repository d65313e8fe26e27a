package org.palimpsest.similarity.filters;

/** What a test of randomness asks; fresh filters may pass one and fail another. */
public enum RandomnessQuestion {
  /** Are the values still distributed as those that the layer was drawn from? */
  DRAWN_FROM,
  /** Are the values distributed as an iid Gaussian of their own mean and variance? */
  GAUSSIAN_VALUES,
  /**
   * Are the values arranged as if independent: no smoothness within kernels, no filter patterns
   * that many share?
   */
  STRUCTURE
}
