package org.palimpsest.core.representation;

import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** Activations read as samples × channels × positions. */
record Layout(Activations activations, int channels, Grid grid) {

  static Layout spatial(Activations activations) {
    int channels = Math.toIntExact(activations.values().size(1));
    return new Layout(activations, channels, Grid.of(activations));
  }

  static Layout flattened(Activations activations) {
    long features = activations.values().length() / activations.samples();
    return new Layout(activations, Math.toIntExact(features), Grid.point());
  }

  int sampleLength() {
    return Math.multiplyExact(channels, grid.positions());
  }
}
