package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;

/** How direct a path was. */
final class Straightness {

  private Straightness() {}

  static OptionalDouble of(double distance, double pathLength) {
    return pathLength == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, distance / pathLength));
  }
}
