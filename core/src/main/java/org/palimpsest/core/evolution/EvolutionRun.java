package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.internal.engine.Engine;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.internal.engine.StorageFailure;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.ReducedLayers;
import org.palimpsest.core.representation.ReducingSource;

/** One study under way: runs what must be run, compares what must be compared. */
final class EvolutionRun {

  private final Study study;
  private final StudyJournal journal;
  private final PreparedStore store;
  private final Progress progress;
  private final Checkpoints checkpoints;
  private final NetworkRunner runner;
  private final PairingReader reader;
  private final WeightRun weights;
  private final Consumer<StudyPlan> announce;
  private final List<Pairing> pairings;
  private final Optional<ScoreIntervals> intervals;

  EvolutionRun(Study study, TrackerSettings settings, PreparedStore store, OffHeapGarbage garbage) {
    this.study = study;
    this.journal = settings.journal();
    this.store = store;
    this.progress = settings.progress();
    this.checkpoints = new Checkpoints(study, settings.networks());
    this.runner = new NetworkRunner(study, settings.networks(), store, garbage);
    this.reader = new PairingReader(study, checkpoints, journal, contextOf(study, settings));
    this.weights = new WeightRun(settings, checkpoints, garbage);
    this.announce = settings.announce();
    this.pairings = Pairing.all(study);
    this.intervals = settings.intervals();
  }

  private static String contextOf(Study study, TrackerSettings settings) {
    return Version.current()
        + "|"
        + study.probes().fingerprint().value()
        + "|"
        + study.featureMaps()
        + settings.intervals().map(made -> "|intervals of " + made.settings()).orElse("");
  }

  EvolutionTable track() {
    try {
      return findOut();
    } catch (StorageFailure full) {
      throw full.failure();
    }
  }

  private EvolutionTable findOut() {
    PlanEstimate estimate =
        new PlanEstimate(study, checkpoints, reader, store, this::threads, weights, announce);
    if (!study.measures().isEmpty()) {
      runNetworks(estimate);
    }
    estimate.allRan(usablePairings(), missingMeasurements().size(), knownMeasurements());
    compare(missingMeasurements());
    weights.compare(usablePairings());
    checkpoints.requireOneUsable();
    return new TableAssembler(study, checkpoints, reader, journal, weights)
        .assemble(usablePairings());
  }

  private int threads() {
    return store.threadsWithinBound(Runtime.getRuntime().availableProcessors());
  }

  /** Each by itself, so that a measurement does not depend on which others were missing. */
  private void compare(List<PlannedMeasurement> missing) {
    if (missing.isEmpty()) {
      return;
    }
    List<PlannedMeasurement> ordered =
        missing.stream()
            .sorted(PlannedMeasurement.byLayersThenCheckpoints(checkpoints::place))
            .toList();
    try (Progress.Task task = progress.begin("Compare layers", ordered.size())) {
      new Engine(threads(), intervals)
          .compare(ordered, measurement -> measurement.block(store), new Keeper(journal, task));
    }
  }

  /** Puts down in the journal what came of each comparison. */
  private record Keeper(StudyJournal journal, Progress.Task task)
      implements Engine.Results<PlannedMeasurement> {

    @Override
    public void scores(PlannedMeasurement asked, List<List<Score>> scores) {
      keep(asked, Measurement.of(scores.get(0).get(0)));
    }

    @Override
    public void failure(PlannedMeasurement asked, PalimpsestException failure) {
      keep(asked, new Outcome.Failure(String.valueOf(failure.getMessage())));
    }

    private void keep(PlannedMeasurement asked, Outcome outcome) {
      journal.keep(asked.key(), outcome);
      task.advance(1);
    }
  }

  /** First those whose layers nobody knows; then it is clear what else is missing. */
  private void runNetworks(PlanEstimate estimate) {
    Set<String> unknown = withUnknownLayers();
    Set<String> acrossLayers = comparedAcrossLayers();
    Set<String> all = new LinkedHashSet<>(partnersOf(unknown));
    all.addAll(wantedGrids().keySet());
    run(
        unknown,
        all.size(),
        estimate,
        (hash, checkpoint) ->
            Optional.of(runner.explore(hash, checkpoint, acrossLayers.contains(hash))));
    Map<String, Map<String, Set<Grid>>> wanted = wantedGrids();
    run(
        wanted.keySet(),
        all.size(),
        estimate,
        (hash, checkpoint) -> {
          runner.prepare(hash, checkpoint, wanted.getOrDefault(hash, Map.of()));
          return Optional.empty();
        });
  }

  private void run(
      Set<String> hashes,
      int ofAll,
      PlanEstimate estimate,
      BiFunction<String, Checkpoint, Optional<LayerGrids>> work) {
    if (hashes.isEmpty()) {
      return;
    }
    try (Progress.Task task = progress.begin("Run networks", hashes.size())) {
      for (String hash : hashes) {
        long start = System.nanoTime();
        if (ran(hash, work)) {
          long nanos = System.nanoTime() - start;
          estimate.networkRan(hash, nanos, ofAll, usablePairings(), knownMeasurements());
        }
        task.advance(1);
      }
    }
  }

  /** What fails while something is kept is not the checkpoint's failure. */
  private boolean ran(String hash, BiFunction<String, Checkpoint, Optional<LayerGrids>> work) {
    Optional<LayerGrids> found;
    try {
      found = work.apply(hash, checkpoints.withHash(hash));
    } catch (PalimpsestException failure) {
      checkpoints.giveUp(hash, String.valueOf(failure.getMessage()));
      return false;
    }
    journal.keepCautions(reader.subject(hash), runner.cautions(hash));
    found.ifPresent(layers -> journal.keep(reader.subject(hash), layers));
    return true;
  }

  private List<Pairing> usablePairings() {
    return pairings.stream()
        .filter(p -> checkpoints.isUsable(p.a()) && checkpoints.isUsable(p.b()))
        .toList();
  }

  private List<Pairing> runnablePairings() {
    return usablePairings().stream()
        .filter(p -> checkpoints.canRun(p.a()) && checkpoints.canRun(p.b()))
        .toList();
  }

  private Set<String> withUnknownLayers() {
    Set<String> hashes = new LinkedHashSet<>();
    for (Pairing pairing : runnablePairings()) {
      hashesOf(pairing).filter(hash -> !reader.isExplored(hash)).forEach(hashes::add);
    }
    return hashes;
  }

  /** These and all that views hold against them. */
  private Set<String> partnersOf(Set<String> some) {
    Set<String> partners = new LinkedHashSet<>();
    for (Pairing pairing : runnablePairings()) {
      if (hashesOf(pairing).anyMatch(some::contains)) {
        hashesOf(pairing).forEach(partners::add);
      }
    }
    return partners;
  }

  private Set<String> comparedAcrossLayers() {
    Set<String> hashes = new LinkedHashSet<>();
    runnablePairings().stream()
        .filter(Pairing::allLayers)
        .forEach(pairing -> hashesOf(pairing).forEach(hashes::add));
    return hashes;
  }

  private Stream<String> hashesOf(Pairing pairing) {
    return Stream.of(checkpoints.hash(pairing.a()), checkpoints.hash(pairing.b()));
  }

  private Set<PlannedMeasurement> measurements() {
    Set<PlannedMeasurement> measurements = new LinkedHashSet<>();
    runnablePairings().forEach(pairing -> measurements.addAll(reader.measurements(pairing)));
    return measurements;
  }

  private List<PlannedMeasurement> missingMeasurements() {
    return measurements().stream()
        .filter(measurement -> journal.outcome(measurement.key()).isEmpty())
        .toList();
  }

  private long knownMeasurements() {
    return measurements().stream().filter(f -> journal.outcome(f.key()).isPresent()).count();
  }

  /**
   * By network and layer, the grids on which a missing measurement wants it and it is not prepared.
   */
  private Map<String, Map<String, Set<Grid>>> wantedGrids() {
    Map<String, Map<String, Set<Grid>>> wanted = new LinkedHashMap<>();
    for (PlannedMeasurement measurement : missingMeasurements()) {
      for (PreparedStore.Key key : List.of(measurement.first(), measurement.second())) {
        if (!store.isSettled(key)) {
          wanted
              .computeIfAbsent(key.network(), hash -> new LinkedHashMap<>())
              .computeIfAbsent(key.layer(), layer -> new LinkedHashSet<>())
              .add(key.grid());
        }
      }
    }
    return wanted;
  }

  /** Runs a checkpoint and prepares its layers in every way that will be asked for. */
  private static final class NetworkRunner {

    private final Study study;
    private final CheckpointOpener networks;
    private final PreparedStore store;
    private final OffHeapGarbage garbage;
    private final List<? extends Preparation<?>> preparations;
    private final Map<String, List<String>> cautions = new HashMap<>();

    NetworkRunner(
        Study study, CheckpointOpener networks, PreparedStore store, OffHeapGarbage garbage) {
      this.study = study;
      this.networks = networks;
      this.store = store;
      this.garbage = garbage;
      this.preparations =
          study.measures().stream().map(NetworkRunner::preparationOf).distinct().toList();
    }

    private static Preparation<?> preparationOf(Measure<?> measure) {
      return measure.preparation();
    }

    /**
     * Runs a checkpoint of unknown layers and prepares them on their own grids, and on each other's
     * if they will be compared with one another.
     */
    LayerGrids explore(String hash, Checkpoint checkpoint, boolean acrossLayers) {
      return run(
          hash,
          checkpoint,
          structure ->
              layer ->
                  acrossLayers ? coarserGrids(structure, layer) : Set.of(structure.grid(layer)));
    }

    /** Runs a checkpoint and prepares some layers on some grids. */
    void prepare(String hash, Checkpoint checkpoint, Map<String, Set<Grid>> wanted) {
      run(hash, checkpoint, structure -> layer -> wanted.getOrDefault(layer, Set.of()));
    }

    /** What should be known of the answers of a network that was run. */
    List<String> cautions(String hash) {
      return cautions.getOrDefault(hash, List.of());
    }

    /**
     * @param wanted knowing the structure, on which grids each layer is wanted
     */
    private LayerGrids run(
        String hash,
        Checkpoint checkpoint,
        Function<LayerGrids, Function<String, Set<Grid>>> wanted) {
      LayerMatrices matrices;
      long held = 0;
      try (ActivationSource network = networks.open(checkpoint)) {
        if (network instanceof ReducingSource reducing && study.featureMaps().areReduced()) {
          matrices = reduced(reducing, wanted);
        } else {
          ActivationSet whole = network.capture(study.probes(), study.layers(), Progress.silent());
          held = bytesOf(whole);
          matrices = LayerMatrices.of(whole, study.featureMaps());
        }
      } finally {
        networks.requireUnchanged(checkpoint, hash);
      }
      cautions.put(hash, matrices.provenance().cautions());
      LayerGrids structure = structureOf(matrices);
      for (String layer : matrices.layers()) {
        store.prepare(hash, matrices, layer, wanted.apply(structure).apply(layer), preparations);
      }
      garbage.leave(held);
      return structure;
    }

    private static long bytesOf(ActivationSet activations) {
      return activations.layers().stream()
          .map(layer -> activations.get(layer).values())
          .mapToLong(values -> values.length() * values.dataType().width())
          .sum();
    }

    private LayerMatrices reduced(
        ReducingSource network, Function<LayerGrids, Function<String, Set<Grid>>> wanted) {
      Map<String, long[]> shapes = network.shapes(study.probes(), study.layers());
      Map<String, Grid> fitting = ReducedLayers.grids(study.featureMaps(), shapes);
      Map<String, Grid> all = new LinkedHashMap<>();
      shapes.keySet().forEach(layer -> all.put(layer, fitting.getOrDefault(layer, Grid.point())));
      Function<String, Set<Grid>> grids = wanted.apply(new LayerGrids(all));
      Map<String, Set<Grid>> requested = new LinkedHashMap<>();
      fitting.keySet().forEach(layer -> requested.put(layer, grids.apply(layer)));
      return ReducedLayers.capture(
          network,
          study.probes(),
          new MatrixRequest(study.layers(), study.featureMaps(), requested),
          shapes,
          Progress.silent());
    }

    private static LayerGrids structureOf(LayerMatrices matrices) {
      Map<String, Grid> grids = new LinkedHashMap<>();
      for (String layer : matrices.layers()) {
        grids.put(layer, gridOf(matrices, layer));
      }
      return new LayerGrids(grids);
    }

    /** A layer of unknown positions fails by itself when it is prepared; the others go on. */
    private static Grid gridOf(LayerMatrices matrices, String layer) {
      try {
        return matrices.grid(layer);
      } catch (PalimpsestException unknownPositions) {
        return Grid.point();
      }
    }

    private static Set<Grid> coarserGrids(LayerGrids structure, String layer) {
      Set<Grid> grids = new LinkedHashSet<>();
      for (Grid other : structure.grids().values()) {
        grids.add(structure.grid(layer).commonWith(other));
      }
      return grids;
    }
  }
}
