package org.palimpsest.similarity.filters;

/** What the singular values of a layer are held against. */
public enum NullModel {
  /** Matrices of iid Gaussian entries of the layer's own variance. */
  GAUSSIAN,
  /**
   * The layer's own weights in random places: keeps their distribution, so that only how they are
   * arranged is judged.
   */
  SHUFFLED
}
