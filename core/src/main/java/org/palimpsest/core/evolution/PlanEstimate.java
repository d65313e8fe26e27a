package org.palimpsest.core.evolution;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.palimpsest.core.measure.Measure;

/** Tells the plan once, as soon as a network or two have shown how long one takes. */
final class PlanEstimate {

  /** The first one pays for starting the runtime as well. */
  private static final int RUNS_TO_WATCH = 2;

  private final Study study;
  private final Checkpoints checkpoints;
  private final PairingReader reader;
  private final LayerComparisons comparisons;
  private final Consumer<StudyPlan> announce;
  private final long weightComparisons;
  private int ran;
  private boolean told;

  PlanEstimate(
      Study study,
      Checkpoints checkpoints,
      PairingReader reader,
      LayerComparisons comparisons,
      long weightComparisons,
      Consumer<StudyPlan> announce) {
    this.study = study;
    this.checkpoints = checkpoints;
    this.reader = reader;
    this.comparisons = comparisons;
    this.weightComparisons = weightComparisons;
    this.announce = announce;
  }

  /**
   * A network ran.
   *
   * @param hash which one; its layers are known by now
   * @param nanos how long it took
   * @param ofAll how many have to be run
   * @param pairings what the views ask for
   * @param known how many figures are known from before
   */
  void networkRan(String hash, long nanos, int ofAll, List<Pairing> pairings, long known) {
    ran++;
    if (told || ran < Math.min(RUNS_TO_WATCH, ofAll)) {
      return;
    }
    Structure structure = reader.structure(hash).orElseThrow();
    long comparisonsLeft =
        Math.max(0, expectedComparisons(pairings, structure.layers().size()) - known);
    long work = comparisonsLeft * nanosOfOneComparison(hash, structure) / comparisons.threads();
    tell(pairings, ofAll, comparisonsLeft, known, ofAll * nanos + work);
  }

  /** All networks ran; tells the plan if they were too few to judge by. */
  void allRan(List<Pairing> pairings, long left, long known) {
    if (!told) {
      tell(pairings, ran, left, known, 0);
    }
  }

  private void tell(List<Pairing> pairings, int runs, long left, long known, long nanos) {
    told = true;
    int involved =
        (int)
            pairings.stream()
                .flatMap(p -> Stream.of(checkpoints.hash(p.a()), checkpoints.hash(p.b())))
                .distinct()
                .count();
    announce.accept(new StudyPlan(
            involved, runs, left, known, weightComparisons, Duration.ofNanos(nanos)));
  }

  /** As if every network had as many layers as this one. */
  private long expectedComparisons(List<Pairing> pairings, long layers) {
    Map<List<String>, Boolean> acrossLayers = new LinkedHashMap<>();
    for (Pairing pairing : pairings) {
      String a = checkpoints.hash(pairing.a());
      String b = checkpoints.hash(pairing.b());
      List<String> pair = a.compareTo(b) <= 0 ? List.of(a, b) : List.of(b, a);
      acrossLayers.merge(pair, pairing.allLayers(), Boolean::logicalOr);
    }
    long total = 0;
    for (Map.Entry<List<String>, Boolean> entry : acrossLayers.entrySet()) {
      boolean same = entry.getKey().get(0).equals(entry.getKey().get(1));
      for (Measure<?> measure : study.measures()) {
        boolean half = same && measure.properties().symmetric();
        long all = half ? layers * (layers + 1) / 2 : layers * layers;
        total += entry.getValue() ? all : layers;
      }
    }
    return total;
  }

  private long nanosOfOneComparison(String hash, Structure structure) {
    long start = System.nanoTime();
    int made = 0;
    for (String layer : structure.layers()) {
      for (Measure<?> measure : study.measures()) {
        comparisons.compute(
            PlannedFigure.of("", hash, layer, hash, layer, structure.grid(layer), measure));
        made++;
      }
    }
    return made == 0 ? 0 : (System.nanoTime() - start) / made;
  }
}
