package org.palimpsest.core.evolution;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Grid;

/** A comparison of two layers that some view asks for. */
record PlannedFigure(FigureKey key, Grid grid, Measure<?> measure) {

  /**
   * The same key for both orders of a symmetric measure's layers, so that the comparison is made
   * once.
   */
  static PlannedFigure of(
      String context,
      String hashA,
      String layerA,
      String hashB,
      String layerB,
      Grid grid,
      Measure<?> measure) {
    boolean swap =
        measure.properties().symmetric() && (hashA + layerA).compareTo(hashB + layerB) > 0;
    FigureKey key =
        swap
            ? new FigureKey(context, hashB, layerB, hashA, layerA, measure.name())
            : new FigureKey(context, hashA, layerA, hashB, layerB, measure.name());
    return new PlannedFigure(key, grid, measure);
  }

  PreparedStore.Key first() {
    return new PreparedStore.Key(key.hashA(), key.layerA(), grid, measure.preparation());
  }

  PreparedStore.Key second() {
    return new PreparedStore.Key(key.hashB(), key.layerB(), grid, measure.preparation());
  }
}
