package org.palimpsest.core.representation;

/** How a feature map becomes a matrix. */
public enum FeatureMapMode {
  /** Every position of every probe is a sample, the channels are the features. */
  POSITIONS,
  /** Every probe is a sample, the channels' averages over all positions are the features. */
  POOL,
  /** Every probe is a sample, each channel at each position is a feature. */
  FLATTEN
}
