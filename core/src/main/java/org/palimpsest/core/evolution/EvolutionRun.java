package org.palimpsest.core.evolution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;

/** One study under way: runs what must be run, compares what must be compared. */
final class EvolutionRun {

  private final Study study;
  private final StudyJournal journal;
  private final PreparedStore store;
  private final Progress progress;
  private final Consumer<StudyPlan> announce;
  private final Checkpoints checkpoints;
  private final LayerPreparer preparer;
  private final PairingReader reader;
  private final List<Pairing> pairings;

  EvolutionRun(
      Study study,
      Networks networks,
      StudyJournal journal,
      PreparedStore store,
      Progress progress,
      Consumer<StudyPlan> announce) {
    this.study = study;
    this.journal = journal;
    this.store = store;
    this.progress = progress;
    this.announce = announce;
    this.checkpoints = new Checkpoints(study, networks);
    this.preparer = new LayerPreparer(study, networks, store);
    this.reader = new PairingReader(study, checkpoints, journal, contextOf(study));
    this.pairings = ViewPlanner.pairings(study);
  }

  private static String contextOf(Study study) {
    return Version.current()
        + "|"
        + study.probes().fingerprint().value()
        + "|"
        + study.featureMaps();
  }

  EvolutionTable track(WeightRun weights) {
    if (!study.measures().isEmpty()) {
      runNetworks();
      compareLayers();
    }
    checkpoints.requireOneUsable();
    weights.compare(usablePairings(), checkpoints);
    return new TableAssembler(study, checkpoints, reader, journal, weights)
        .assemble(usablePairings());
  }

  private List<Pairing> usablePairings() {
    return pairings.stream()
        .filter(p -> checkpoints.isUsable(p.a()) && checkpoints.isUsable(p.b()))
        .toList();
  }

  private void runNetworks() {
    Set<String> hashes = hashesToRun();
    Set<String> onEveryGrid = hashesComparedAcrossLayers();
    boolean announced = false;
    try (Progress.Task task = progress.begin("Run networks", hashes.size())) {
      for (String hash : hashes) {
        long start = System.nanoTime();
        boolean ran = runNetwork(hash, onEveryGrid.contains(hash));
        task.advance(1);
        if (ran && !announced) {
          announced = true;
          announce(hash, hashes.size(), System.nanoTime() - start);
        }
      }
    }
    if (!announced) {
      announce.accept(new StudyPlan(involved().size(), 0, 0, allFigures().size(), Duration.ZERO));
    }
  }

  private boolean runNetwork(String hash, boolean onEveryGrid) {
    try {
      Structure structure = preparer.prepare(hash, checkpoints.withHash(hash), onEveryGrid);
      journal.keep(reader.subject(hash), structure);
      return true;
    } catch (PalimpsestException failure) {
      checkpoints.giveUp(hash, String.valueOf(failure.getMessage()));
      return false;
    }
  }

  private Set<String> involved() {
    Set<String> hashes = new LinkedHashSet<>();
    for (Pairing pairing : usablePairings()) {
      hashes.add(checkpoints.hash(pairing.a()));
      hashes.add(checkpoints.hash(pairing.b()));
    }
    return hashes;
  }

  private Set<String> hashesToRun() {
    Set<String> hashes = new LinkedHashSet<>();
    for (String hash : involved()) {
      if (reader.structure(hash).isEmpty()) {
        hashes.add(hash);
      }
    }
    for (PlannedFigure figure : missingFigures()) {
      hashes.add(figure.key().hashA());
      hashes.add(figure.key().hashB());
    }
    return hashes;
  }

  private Set<String> hashesComparedAcrossLayers() {
    Set<String> hashes = new LinkedHashSet<>();
    for (Pairing pairing : usablePairings()) {
      if (pairing.allLayers()) {
        hashes.add(checkpoints.hash(pairing.a()));
        hashes.add(checkpoints.hash(pairing.b()));
      }
    }
    return hashes;
  }

  private Set<PlannedFigure> allFigures() {
    Set<PlannedFigure> figures = new LinkedHashSet<>();
    usablePairings().forEach(pairing -> figures.addAll(reader.figures(pairing)));
    return figures;
  }

  private List<PlannedFigure> missingFigures() {
    return allFigures().stream().filter(figure -> journal.outcome(figure.key()).isEmpty()).toList();
  }

  private void announce(String first, int modelRuns, long nanosOfOneRun) {
    Structure structure = reader.structure(first).orElseThrow();
    long total = expectedComparisons(structure.layers().size());
    long known = allFigures().size() - missingFigures().size();
    long comparisons = Math.max(0, total - known);
    long nanos = modelRuns * nanosOfOneRun + comparisons * nanosOfOneComparison(first, structure);
    announce.accept(
        new StudyPlan(involved().size(), modelRuns, comparisons, known, Duration.ofNanos(nanos)));
  }

  /** As if every network had as many layers as the first. */
  private long expectedComparisons(long layers) {
    Map<List<String>, Boolean> acrossLayers = new LinkedHashMap<>();
    for (Pairing pairing : usablePairings()) {
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
        compute(PlannedFigure.of("", hash, layer, hash, layer, structure.grid(layer), measure));
        made++;
      }
    }
    return made == 0 ? 0 : (System.nanoTime() - start) / made;
  }

  private void compareLayers() {
    List<PlannedFigure> missing = new ArrayList<>(missingFigures());
    missing.sort(
        Comparator.comparing((PlannedFigure f) -> f.key().layerA())
            .thenComparing(f -> f.key().layerB())
            .thenComparing(f -> f.key().measure())
            .thenComparing(f -> f.key().hashA())
            .thenComparing(f -> f.key().hashB()));
    try (Progress.Task task = progress.begin("Compare layers", missing.size())) {
      for (PlannedFigure figure : missing) {
        journal.keep(figure.key(), compute(figure));
        task.advance(1);
      }
    }
  }

  private Outcome compute(PlannedFigure figure) {
    return compute(figure, figure.measure());
  }

  @SuppressWarnings("unchecked") // what is stored under a key was made by the key's preparation
  private <P extends Prepared> Outcome compute(PlannedFigure figure, Measure<P> measure) {
    Optional<Prepared> a = prepared(figure.first());
    Optional<Prepared> b = prepared(figure.second());
    if (a.isEmpty() || b.isEmpty()) {
      return new Outcome.Failure(reason(figure));
    }
    try {
      Score score = measure.compare((P) a.get(), (P) b.get());
      return Figure.of(score.value(), score.diagnostics().samples())
          .withWarnings(score.diagnostics().warnings());
    } catch (PalimpsestException failure) {
      return new Outcome.Failure(String.valueOf(failure.getMessage()));
    }
  }

  private Optional<Prepared> prepared(PreparedStore.Key key) {
    if (!store.contains(key) && !preparer.failures().containsKey(key)) {
      preparer.prepare(key.hash(), checkpoints.withHash(key.hash()), key.layer(), key.grid());
    }
    return store.get(key);
  }

  private String reason(PlannedFigure figure) {
    Map<PreparedStore.Key, String> failures = preparer.failures();
    return Stream.of(figure.first(), figure.second())
        .flatMap(key -> Optional.ofNullable(failures.get(key)).stream())
        .findFirst()
        .orElse("not prepared");
  }
}
