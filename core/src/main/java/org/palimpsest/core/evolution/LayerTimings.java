package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Measure;

/** Tells how long comparisons of layers take, by making a few and forgetting them. */
final class LayerTimings {

  private static final int SAMPLES = 12;

  private final List<Measure<?>> measures;
  private final LayerComparisons comparisons;

  LayerTimings(List<Measure<?>> measures, LayerComparisons comparisons) {
    this.measures = measures;
    this.comparisons = comparisons;
  }

  /**
   * About how long it takes on all cores, in nanoseconds.
   *
   * @param hash a network whose layers are prepared
   * @param structure its layers
   * @param ofSameLayers how many comparisons of layers of one name
   * @param acrossLayers how many of layers of different names, whose positions are fewer
   */
  long nanos(String hash, Structure structure, long ofSameLayers, long acrossLayers) {
    List<LayerPair> same = new ArrayList<>();
    List<LayerPair> across = new ArrayList<>();
    for (String layerA : structure.layers()) {
      for (String layerB : structure.layers()) {
        (layerA.equals(layerB) ? same : across).add(new LayerPair(layerA, layerB));
      }
    }
    double work = ofSameLayers * nanosOfOne(hash, structure, evenly(same));
    if (acrossLayers > 0) {
      work += acrossLayers * nanosOfOne(hash, structure, evenly(across));
    }
    return (long) (work / comparisons.threads());
  }

  private static List<LayerPair> evenly(List<LayerPair> pairs) {
    int count = Math.min(SAMPLES, pairs.size());
    return IntStream.range(0, count).mapToObj(i -> pairs.get(i * pairs.size() / count)).toList();
  }

  private double nanosOfOne(String hash, Structure structure, List<LayerPair> pairs) {
    if (pairs.isEmpty()) {
      return 0;
    }
    compare(hash, structure, pairs.get(0)); // the first one pays for starting
    long start = System.nanoTime();
    pairs.forEach(pair -> compare(hash, structure, pair));
    return (double) (System.nanoTime() - start) / (pairs.size() * measures.size());
  }

  private void compare(String hash, Structure structure, LayerPair pair) {
    var grid = structure.grid(pair.layerA()).commonWith(structure.grid(pair.layerB()));
    for (Measure<?> measure : measures) {
      comparisons.compute(
          PlannedFigure.of("", hash, pair.layerA(), hash, pair.layerB(), grid, measure));
    }
  }
}
