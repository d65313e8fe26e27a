package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.palimpsest.core.Version;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.PlannedMeasurement.StudyEstimate;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.internal.engine.StorageFailure;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** One study under way: runs what must be run, compares what must be compared. */
final class EvolutionRun {

  private final Study study;
  private final StudyJournal journal;
  private final StudyWorkers workers;
  private final Progress progress;
  private final Checkpoints checkpoints;
  private final PairingReader reader;
  private final WeightRun weights;
  private final Consumer<EvolutionTracker.Plan> announce;
  private final List<Pairing> pairings;

  EvolutionRun(Study study, TrackerSettings settings, StudyWorkers workers) {
    this.study = study;
    this.journal = settings.journal();
    this.workers = workers;
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
    StudyEstimate estimate =
        new StudyEstimate(study, checkpoints, reader, workers, weights, announce);
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
  private void runNetworks(StudyEstimate estimate) {
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

  private void run(List<StudyWorkers.NetworkTask> tasks, int ofAll, StudyEstimate estimate) {
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
    private final StudyEstimate estimate;
    private long since = System.nanoTime();

    NetworkKeeper(Progress.Task task, int ofAll, StudyEstimate estimate) {
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
      Measurement.Key key = measurement.key();
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

  /** Lays the journal's measurements out as the views ask for them. */
  private static final class TableAssembler {

    private final Study study;
    private final Checkpoints checkpoints;
    private final PairingReader reader;
    private final StudyJournal journal;
    private final WeightRun weights;
    private final Map<String, MeasureFacts> facts = new HashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();

    TableAssembler(
        Study study,
        Checkpoints checkpoints,
        PairingReader reader,
        StudyJournal journal,
        WeightRun weights) {
      this.study = study;
      this.checkpoints = checkpoints;
      this.reader = reader;
      this.journal = journal;
      this.weights = weights;
    }

    EvolutionTable assemble(List<Pairing> pairings) {
      List<EvolutionTable.Row> rows = new ArrayList<>();
      GroupSummary groups = new GroupSummary(study.runs(), this::contentAtEnd);
      for (Pairing pairing : pairings) {
        List<EvolutionTable.Row> ofLayers = rows(pairing);
        List<EvolutionTable.Row> ofWeights = weights.rows(pairing, notes);
        ofWeights.forEach(row -> facts.putIfAbsent(row.measure(), row.facts()));
        if (pairing.view() == Study.View.FINALS || pairing.view() == Study.View.GROUPS) {
          ofLayers.forEach(groups::add);
          ofWeights.stream().filter(weights::isSymmetric).forEach(groups::addSymmetric);
        }
        if (pairing.view() != Study.View.GROUPS) {
          rows.addAll(ofLayers);
          rows.addAll(ofWeights);
        }
      }
      addCautions();
      if (checkpoints.weightsAlone() > 0 && !study.measures().isEmpty()) {
        notes.add(
            "%s checkpoints hold weights without the network's code: they were not run, so that only their weights are compared."
                .formatted(checkpoints.weightsAlone()));
      }
      if (study.views().contains(Study.View.GROUPS)) {
        groups.rows().stream().map(this::ofGroups).forEach(rows::add);
      }
      return new EvolutionTable(
          rows,
          checkpoints.records(),
          List.copyOf(notes),
          study.probes().fingerprint(),
          study.featureMaps().describe(),
          Version.current());
    }

    /** Each once, with the first checkpoint that it is of and how many others there are. */
    private void addCautions() {
      Map<String, List<CheckpointRecord>> byCaution = new LinkedHashMap<>();
      for (CheckpointRecord checkpoint : checkpoints.records()) {
        for (String caution : reader.cautions(checkpoint.hash())) {
          byCaution.computeIfAbsent(caution, c -> new ArrayList<>()).add(checkpoint);
        }
      }
      byCaution.forEach(
          (caution, of) -> {
            String others = of.size() == 1 ? "" : " and %s more".formatted(of.size() - 1);
            notes.add(
                "%s, step %s%s: %s"
                    .formatted(
                        of.get(0).run().name(), of.get(0).checkpoint().step(), others, caution));
          });
    }

    private String contentAtEnd(TrainingRun run) {
      return checkpoints.hash(RunStep.of(run, run.end()));
    }

    private List<EvolutionTable.Row> rows(Pairing pairing) {
      List<EvolutionTable.Row> rows = new ArrayList<>();
      for (PairingReader.LayerPair pair : reader.layerPairs(pairing)) {
        for (Measure<?> measure : study.measures()) {
          Optional<Outcome> outcome =
              journal.outcome(reader.measurement(pairing, pair, measure).key());
          if (outcome.isPresent() && outcome.get() instanceof Measurement measurement) {
            rows.add(row(pairing, pair, factsOf(measure), measurement));
          } else if (outcome.isPresent() && outcome.get() instanceof Outcome.Failure failure) {
            notes.add(measure.name() + ": " + failure.reason());
          }
        }
      }
      return rows;
    }

    private MeasureFacts factsOf(Measure<?> measure) {
      return facts.computeIfAbsent(measure.name(), name -> MeasureFacts.of(measure));
    }

    /** Means of measurements are read as the measurements are; differences and p-values are not. */
    private EvolutionTable.Row ofGroups(EvolutionTable.Row row) {
      MeasureFacts known = facts.get(row.measure());
      return known == null ? row : row.withFacts(known);
    }

    private static EvolutionTable.Row row(
        Pairing pairing,
        PairingReader.LayerPair pair,
        MeasureFacts measure,
        Measurement measurement) {
      return new EvolutionTable.Row(
          pairing.view(),
          pairing.a().run(),
          OptionalLong.of(pairing.a().step()),
          pair.layerA(),
          pairing.b().run(),
          OptionalLong.of(pairing.b().step()),
          pair.layerB(),
          measure,
          measurement);
    }
  }
}
