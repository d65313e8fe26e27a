package org.palimpsest.core.representation;

/**
 * How a feature map becomes a matrix, rows being samples and columns features.
 *
 * <p>Of activations of shape (n, c, h, w) to n probes: positions give n·h·w rows of c columns,
 * pooling n rows of c, flattening n rows of c·h·w. The choice decides what is asked. With positions
 * as samples, two layers are alike if they tell the same places apart; with pooling or flattening,
 * if they tell the same images apart. Layers of different grids can be compared by the first two,
 * of any shapes by the third. Positions of one image are not independent of each other: intervals
 * take images as units in every mode.
 */
public enum FeatureMapMode {
  /**
   * Every position of every probe is a sample, the channels are the features. Layers on different
   * grids meet on the coarser one, by averages of areas.
   */
  POSITIONS,
  /** Every probe is a sample, the channels' averages over all positions are the features. */
  POOL,
  /**
   * Every probe is a sample, each channel at each position is a feature. With few images and many
   * features most measures are near their best value for any two layers.
   */
  FLATTEN
}
