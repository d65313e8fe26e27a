package org.palimpsest.core.evolution;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Plugins;
import org.palimpsest.core.Version;
import org.palimpsest.core.internal.engine.Engine;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.internal.engine.StorageFailure;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;

/** One study under way: runs what must be run, compares what must be compared. */
final class EvolutionRun {

  private final Study study;
  private final StudyJournal journal;
  private final StudyWorkers workers;
  private final Progress progress;
  private final Checkpoints checkpoints;
  private final PairingReader reader;
  private final WeightRun weights;
  private final Consumer<StudyPlan> announce;
  private final List<Pairing> pairings;

  EvolutionRun(Study study, TrackerSettings settings, PreparedStore store, OffHeapGarbage garbage) {
    this.study = study;
    this.journal = settings.journal();
    this.workers =
        settings
            .workers()
            .map(elsewhere -> elsewhere.apply(study))
            .orElseGet(() -> new WorkersHere(study, settings, store, garbage));
    this.progress = settings.progress();
    this.checkpoints = new Checkpoints(study, settings.networks());
    this.reader = new PairingReader(study, checkpoints, journal, contextOf(study, settings));
    this.weights = new WeightRun(settings, workers, checkpoints);
    this.announce = settings.announce();
    this.pairings = Pairing.all(study);
  }

  private static String contextOf(Study study, TrackerSettings settings) {
    return Version.current()
        + "|"
        + study.probes().fingerprint().value()
        + "|"
        + study.featureMaps()
        + plugins()
        + settings.intervals().map(made -> "|intervals of " + made.settings()).orElse("");
  }

  static String plugins() {
    return Plugins.identity().isEmpty() ? "" : "|plug-ins " + Plugins.identity();
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
        new PlanEstimate(study, checkpoints, reader, workers, weights, announce);
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

  private void compare(List<PlannedMeasurement> missing) {
    if (missing.isEmpty()) {
      return;
    }
    List<StudyWorkers.LayerTask> ordered =
        missing.stream()
            .sorted(PlannedMeasurement.byLayersThenCheckpoints(checkpoints::place))
            .map(PlannedMeasurement::task)
            .toList();
    try (Progress.Task task = progress.begin("Compare layers", ordered.size())) {
      workers.compareLayers(
          ordered,
          (asked, outcome) -> {
            journal.keep(asked.key(), outcome);
            task.advance(1);
          });
    }
  }

  /** First those whose layers nobody knows; then it is clear what else is missing. */
  private void runNetworks(PlanEstimate estimate) {
    Set<String> unknown = withUnknownLayers();
    Set<String> acrossLayers = comparedAcrossLayers();
    Set<String> all = new LinkedHashSet<>(partnersOf(unknown));
    all.addAll(wantedGrids().keySet());
    run(
        unknown.stream()
            .map(hash -> task(hash, Optional.empty(), acrossLayers.contains(hash)))
            .toList(),
        all.size(),
        estimate);
    Map<String, Map<String, Set<Grid>>> wanted = wantedGrids();
    run(
        wanted.entrySet().stream()
            .map(one -> task(one.getKey(), Optional.of(one.getValue()), false))
            .toList(),
        all.size(),
        estimate);
  }

  private StudyWorkers.NetworkTask task(
      String hash, Optional<Map<String, Set<Grid>>> wanted, boolean acrossLayers) {
    return new StudyWorkers.NetworkTask(hash, checkpoints.withHash(hash), wanted, acrossLayers);
  }

  private void run(List<StudyWorkers.NetworkTask> tasks, int ofAll, PlanEstimate estimate) {
    if (tasks.isEmpty()) {
      return;
    }
    try (Progress.Task task = progress.begin("Run networks", tasks.size())) {
      workers.runNetworks(tasks, new NetworkKeeper(task, ofAll, estimate));
    }
  }

  /** Puts down in the journal what networks told. */
  private final class NetworkKeeper implements StudyWorkers.NetworkResults {

    private final Progress.Task task;
    private final int ofAll;
    private final PlanEstimate estimate;
    private long since = System.nanoTime();

    NetworkKeeper(Progress.Task task, int ofAll, PlanEstimate estimate) {
      this.task = task;
      this.ofAll = ofAll;
      this.estimate = estimate;
    }

    @Override
    public void ran(StudyWorkers.NetworkTask asked, StudyWorkers.NetworkRun run) {
      String subject = reader.subject(asked.hash());
      journal.keepCautions(subject, run.cautions());
      if (asked.wanted().isEmpty()) {
        journal.keep(subject, run.layers());
      }
      long nanos = System.nanoTime() - since;
      estimate.networkRan(asked.hash(), nanos, ofAll, usablePairings(), knownMeasurements());
      next();
    }

    @Override
    public void failed(StudyWorkers.NetworkTask asked, String reason) {
      checkpoints.giveUp(asked.hash(), reason);
      next();
    }

    private void next() {
      task.advance(1);
      since = System.nanoTime();
    }
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
      MeasurementKey key = measurement.key();
      want(wanted, key.hashA(), key.layerA(), measurement);
      want(wanted, key.hashB(), key.layerB(), measurement);
    }
    return wanted;
  }

  private void want(
      Map<String, Map<String, Set<Grid>>> wanted,
      String hash,
      String layer,
      PlannedMeasurement measurement) {
    Grid grid = measurement.grid();
    if (!workers.isPrepared(hash, layer, grid, measurement.measure())) {
      wanted
          .computeIfAbsent(hash, any -> new LinkedHashMap<>())
          .computeIfAbsent(layer, any -> new LinkedHashSet<>())
          .add(grid);
    }
  }

  /** Work that is done in this process: networks one after the other, comparisons on all cores. */
  private static final class WorkersHere implements StudyWorkers {

    private final TrackerSettings settings;
    private final PreparedStore store;
    private final StudyWorkbench bench;

    WorkersHere(
        Study study, TrackerSettings settings, PreparedStore store, OffHeapGarbage garbage) {
      this.settings = settings;
      this.store = store;
      this.bench =
          new StudyWorkbench(
              StudyWorkbench.Questions.of(study),
              StudyWorkbench.Tools.of(settings),
              store,
              garbage);
    }

    @Override
    public boolean isPrepared(String hash, String layer, Grid grid, Measure<?> measure) {
      return bench.isPrepared(hash, layer, grid, measure);
    }

    /** What fails while something is kept is not the checkpoint's failure. */
    @Override
    public void runNetworks(List<NetworkTask> tasks, NetworkResults results) {
      for (NetworkTask task : tasks) {
        NetworkRun run;
        try {
          run = bench.run(task);
        } catch (PalimpsestException failure) {
          results.failed(task, String.valueOf(failure.getMessage()));
          continue;
        }
        results.ran(task, run);
      }
    }

    /** Each by itself, so that a measurement does not depend on which others were missing. */
    @Override
    public void compareLayers(List<LayerTask> tasks, BiConsumer<LayerTask, Outcome> results) {
      new Engine(sideBySide(), settings.intervals())
          .compare(tasks, bench::block, new Receiver(results));
    }

    private record Receiver(BiConsumer<LayerTask, Outcome> results)
        implements Engine.Results<LayerTask> {

      @Override
      public void scores(LayerTask asked, List<List<Score>> scores) {
        results.accept(asked, Measurement.of(scores.get(0).get(0)));
      }

      @Override
      public void failure(LayerTask asked, PalimpsestException failure) {
        results.accept(asked, new Outcome.Failure(String.valueOf(failure.getMessage())));
      }
    }

    @Override
    public void compareWeights(List<WeightTask> tasks, WeightResults results) {
      for (WeightTask task : tasks) {
        if (results.isWanted(task)) {
          results.found(task, bench.compare(task));
        }
      }
    }

    @Override
    public int sideBySide() {
      return store.threadsWithinBound(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public void rehearse(LayerTask task) {
      bench.block(task).compare(Optional.empty());
    }
  }
}
