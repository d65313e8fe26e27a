package org.palimpsest.similarity.internal.intervals;

/**
 * How many images an interval needs to hold the true value, as found by simulation.
 *
 * @param perComponent of the layer, where each image is a sample
 * @param ofPositions likewise, where its positions are
 */
public record ImagesNeeded(double perComponent, double ofPositions) {

  static final long FEWEST = 8;

  /** For so many components, and never fewer than eight. */
  public long of(int components, boolean positions) {
    double each = positions ? ofPositions : perComponent;
    return Math.max(FEWEST, (long) Math.ceil(each * components));
  }
}
