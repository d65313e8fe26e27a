package org.palimpsest.core.evolution;

import java.util.Comparator;
import java.util.function.ToIntFunction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Grid;

/** A comparison of two layers that some view asks for. */
record PlannedMeasurement(Measurement.Key key, Grid grid, Measure<?> measure) {

  /**
   * The same key for both orders of a symmetric measure's layers, so that the comparison is made
   * once.
   */
  static PlannedMeasurement of(Measurement.Key asked, Grid grid, Measure<?> measure) {
    boolean swap =
        measure.properties().symmetric()
            && (asked.hashA() + asked.layerA()).compareTo(asked.hashB() + asked.layerB()) > 0;
    return new PlannedMeasurement(swap ? swapped(asked) : asked, grid, measure);
  }

  private static Measurement.Key swapped(Measurement.Key key) {
    return new Measurement.Key(
        key.context(), key.hashB(), key.layerB(), key.hashA(), key.layerA(), key.measure());
  }

  /** What workers are asked for. */
  StudyWorkers.LayerTask task() {
    return new StudyWorkers.LayerTask(key, grid);
  }

  /**
   * Neighbours share layers, so that few are read again when most were spilled.
   *
   * @param place of a checkpoint's hash, such that checkpoints of one run are neighbours
   */
  static Comparator<PlannedMeasurement> byLayersThenCheckpoints(ToIntFunction<String> place) {
    return Comparator.comparing(PlannedMeasurement::earlierLayer)
        .thenComparing(PlannedMeasurement::laterLayer)
        .thenComparing(f -> f.key().measure())
        .thenComparing(f -> Math.min(f.placeOfA(place), f.placeOfB(place)))
        .thenComparing(f -> Math.max(f.placeOfA(place), f.placeOfB(place)))
        .thenComparing(f -> f.key().layerA())
        .thenComparing(f -> f.key().hashA());
  }

  private String earlierLayer() {
    return key.layerA().compareTo(key.layerB()) <= 0 ? key.layerA() : key.layerB();
  }

  private String laterLayer() {
    return key.layerA().compareTo(key.layerB()) <= 0 ? key.layerB() : key.layerA();
  }

  private int placeOfA(ToIntFunction<String> place) {
    return place.applyAsInt(key.hashA());
  }

  private int placeOfB(ToIntFunction<String> place) {
    return place.applyAsInt(key.hashB());
  }
}
