package org.palimpsest.similarity.filters;

/** What the singular values of a layer are held against. */
public enum NullModel {
  /**
   * Random matrices as the assumed start makes them (normal ones if none is), of the layer's size.
   */
  START,
  /**
   * The layer's own weights in random places: keeps their distribution, so that only how they are
   * arranged is judged.
   */
  SHUFFLED
}
