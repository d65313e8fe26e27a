package org.palimpsest.core.evolution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.FeatureMaps.Grid;

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

  /** Tells the plan once, as soon as a few networks have shown how long one takes. */
  static final class StudyEstimate {

    /** The first ones pay for starting the runtime as well; the fastest is like those to come. */
    private static final int RUNS_TO_WATCH = 4;

    private static final int COMPARISONS_TO_WATCH = 12;

    private record Expected(long ofSameLayers, long acrossLayers) {

      long all() {
        return ofSameLayers + acrossLayers;
      }
    }

    private final Study study;
    private final Checkpoints checkpoints;
    private final PairingReader reader;
    private final StudyWorkers workers;
    private final WeightRun weights;
    private final Consumer<EvolutionTracker.Plan> announce;
    private int ran;
    private long fastest = Long.MAX_VALUE;
    private boolean told;

    /**
     * @param workers know the layers of networks that ran
     */
    StudyEstimate(
        Study study,
        Checkpoints checkpoints,
        PairingReader reader,
        StudyWorkers workers,
        WeightRun weights,
        Consumer<EvolutionTracker.Plan> announce) {
      this.study = study;
      this.checkpoints = checkpoints;
      this.reader = reader;
      this.workers = workers;
      this.weights = weights;
      this.announce = announce;
    }

    /**
     * A network ran.
     *
     * @param hash which one; its layers are known by now
     * @param nanos how long it took
     * @param ofAll how many have to be run
     * @param pairings what the views ask for
     * @param known how many measurements are known from before
     */
    void networkRan(String hash, long nanos, int ofAll, List<Pairing> pairings, long known) {
      ran++;
      fastest = Math.min(fastest, nanos);
      if (told || ran < Math.min(RUNS_TO_WATCH, ofAll)) {
        return;
      }
      LayerGrids structure = reader.structure(hash).orElseThrow();
      Expected expected = expected(pairings, structure.layers().size());
      long left = Math.max(0, expected.all() - known);
      double share = expected.all() == 0 ? 0 : (double) left / expected.all();
      long work =
          nanosOfComparisons(
              hash,
              structure,
              Math.round(share * expected.ofSameLayers()),
              Math.round(share * expected.acrossLayers()));
      tell(pairings, ofAll, left, known, ofAll * fastest + work);
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
      int ofWeights = weights.countMissing(pairings);
      Duration estimate = Duration.ofNanos(nanos + weights.nanosOfMissing(pairings));
      announce.accept(new EvolutionTracker.Plan(involved, runs, left, known, ofWeights, estimate));
    }

    /** As if every network had as many layers as this one. */
    private Expected expected(List<Pairing> pairings, long layers) {
      Map<List<String>, Boolean> acrossLayers = new LinkedHashMap<>();
      for (Pairing pairing : pairings) {
        if (checkpoints.canRun(pairing.a()) && checkpoints.canRun(pairing.b())) {
          String a = checkpoints.hash(pairing.a());
          String b = checkpoints.hash(pairing.b());
          List<String> pair = a.compareTo(b) <= 0 ? List.of(a, b) : List.of(b, a);
          acrossLayers.merge(pair, pairing.allLayers(), Boolean::logicalOr);
        }
      }
      long same = 0;
      long across = 0;
      for (Map.Entry<List<String>, Boolean> entry : acrossLayers.entrySet()) {
        boolean oneNetwork = entry.getKey().get(0).equals(entry.getKey().get(1));
        for (Measure<?> measure : study.measures()) {
          boolean half = oneNetwork && measure.properties().symmetric();
          long others = layers * (layers - 1);
          same += layers;
          across += !entry.getValue() ? 0 : half ? others / 2 : others;
        }
      }
      return new Expected(same, across);
    }

    /**
     * About how long it takes on all cores, in nanoseconds.
     *
     * @param hash a network whose layers are prepared
     * @param structure its layers
     * @param ofSameLayers how many comparisons of layers of one name
     * @param acrossLayers how many of layers of different names, whose positions are fewer
     */
    private long nanosOfComparisons(
        String hash, LayerGrids structure, long ofSameLayers, long acrossLayers) {
      List<PairingReader.LayerPair> same = new ArrayList<>();
      List<PairingReader.LayerPair> across = new ArrayList<>();
      for (String layerA : structure.layers()) {
        for (String layerB : structure.layers()) {
          (layerA.equals(layerB) ? same : across).add(new PairingReader.LayerPair(layerA, layerB));
        }
      }
      double work = ofSameLayers * nanosOfOne(hash, structure, evenly(same));
      if (acrossLayers > 0) {
        work += acrossLayers * nanosOfOne(hash, structure, evenly(across));
      }
      return (long) (work / workers.sideBySide());
    }

    private static List<PairingReader.LayerPair> evenly(List<PairingReader.LayerPair> pairs) {
      int count = Math.min(COMPARISONS_TO_WATCH, pairs.size());
      return IntStream.range(0, count).mapToObj(i -> pairs.get(i * pairs.size() / count)).toList();
    }

    private double nanosOfOne(
        String hash, LayerGrids structure, List<PairingReader.LayerPair> pairs) {
      if (pairs.isEmpty()) {
        return 0;
      }
      compare(hash, structure, pairs.get(0)); // the first one pays for starting
      long start = System.nanoTime();
      pairs.forEach(pair -> compare(hash, structure, pair));
      return (double) (System.nanoTime() - start) / (pairs.size() * study.measures().size());
    }

    private void compare(String hash, LayerGrids structure, PairingReader.LayerPair pair) {
      Grid grid = structure.grid(pair.layerA()).commonWith(structure.grid(pair.layerB()));
      for (Measure<?> measure : study.measures()) {
        PlannedMeasurement measurement =
            PlannedMeasurement.of(
                new Measurement.Key("", hash, pair.layerA(), hash, pair.layerB(), measure.name()),
                grid,
                measure);
        try {
          workers.rehearse(measurement.task());
        } catch (PalimpsestException failure) {
          // that it fails takes time as well
        }
      }
    }
  }
}
