package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;

/**
 * One filter's way through a run.
 *
 * @param filter its index among the layer's output channels
 * @param pathLength the sum of its distances from checkpoint to checkpoint
 * @param distance its distance from start to end
 */
public record FilterPath(int filter, double pathLength, double distance) {

  /** Distance over path length, 0 to 1, 1 for a straight line; empty if it never moved. */
  public OptionalDouble straightness() {
    return Straightness.of(distance, pathLength);
  }
}
