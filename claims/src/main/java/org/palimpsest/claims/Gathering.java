package org.palimpsest.claims;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.runs.RunsFolder.RunFacts;
import org.palimpsest.io.study.Blocks;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.output.Predictions;

/**
 * Finds out what the claims ask for: from the logs of scores, and by a study of the first and last
 * checkpoints, which is kept in a folder and goes on where it was.
 */
final class Gathering {

  static final String FOLDER = "evolution";
  private static final String CKA = "linear_cka";
  private static final int MOST_NOTES = 8;

  private final Assessor asked;
  private final RunsFolder runs;
  private final CheckpointFiles networks;
  private final List<String> notes = new ArrayList<>();

  Gathering(Assessor asked) {
    this.asked = asked;
    this.runs = asked.runs();
    this.networks = asked.networks().of(runs);
  }

  /** What was found out, and how. */
  record Result(Observations observations, List<CheckpointRecord> broken, String layers) {}

  Result gather(Path folder) {
    List<ObservedRun> observed = new ArrayList<>();
    for (TrainingRun run : runs.allRuns()) {
      RunFacts facts = runs.facts(run);
      observed.add(
          ObservedRun.ofLog(run.name(), facts.role(), facts.scores()).endingAt(run.end().step()));
    }
    List<TrainingRun> studied = studied(observed);
    if (studied.isEmpty()) {
      return new Result(
          Observations.ofScores(scored(observed, Optional.empty())), List.of(), "none");
    }
    try (StudyFolder kept = StudyFolder.open(folder.resolve(FOLDER))) {
      return new Inquiry(kept, studied).find(observed);
    }
  }

  /** Random and transferred runs of the main condition with their sources: starts and ends. */
  private List<TrainingRun> studied(List<ObservedRun> observed) {
    Observations scores = Observations.ofScores(observed);
    Set<String> names = new LinkedHashSet<>();
    scores
        .main()
        .ifPresent(
            main -> {
              List<ObservedRun> transferred = scores.transferred(main);
              transferred.forEach(run -> names.add(run.name()));
              scores.allRandom(main).forEach(run -> names.add(run.name()));
              scores.trainedLonger(main).forEach(run -> names.add(run.name()));
              transferred.forEach(run -> scores.sourceOf(run).ifPresent(s -> names.add(s.name())));
            });
    return runs.allRuns().stream()
        .filter(run -> names.contains(run.name()))
        .map(Gathering::ends)
        .toList();
  }

  private static TrainingRun ends(TrainingRun run) {
    List<Checkpoint> ends =
        run.start().step() == 0 && run.checkpoints().size() > 1
            ? List.of(run.start(), run.end())
            : List.of(run.end());
    return new TrainingRun(run.name(), run.initialisation(), run.seed(), ends);
  }

  private List<ObservedRun> scored(List<ObservedRun> observed, Optional<ScoresByMasks> masks) {
    return observed.stream()
        .map(
            run ->
                run.scores().isEmpty() && masks.isPresent()
                    ? run.withScoresByMasks(masks.get().of(trainingRun(run)))
                    : run)
        .toList();
  }

  private TrainingRun trainingRun(ObservedRun run) {
    return runs.allRuns().stream()
        .filter(one -> one.name().equals(run.name()))
        .findFirst()
        .orElseThrow();
  }

  /** The study under way. */
  private final class Inquiry {

    private final StudyFolder kept;
    private final List<TrainingRun> studied;
    private final EvolutionTracker.Session session;

    Inquiry(StudyFolder kept, List<TrainingRun> studied) {
      this.kept = kept;
      this.studied = studied;
      this.session =
          EvolutionTracker.of(networks, kept.journal(), kept.spill())
              .withMemoryBound(asked.memoryBound())
              .withWeights(weights())
              .withProgress(asked.progress())
              .withPlanListener(plan -> asked.listener().accept(plan.describe()))
              .session();
    }

    Result find(List<ObservedRun> observed) {
      Optional<ScoresByMasks> masks = masks(observed);
      Study study = study();
      kept.settle(settings(study), asked.mayDiffer());
      EvolutionTable table = session.track(study);
      EvolutionTables.write(table, kept.path());
      table.notes().stream().limit(MOST_NOTES).forEach(notes::add);
      if (table.notes().size() > MOST_NOTES) {
        notes.add(
            "%s more notes are in %s/evolution.json."
                .formatted(table.notes().size() - MOST_NOTES, FOLDER));
      }
      List<String> blocks = blocks(table);
      Observations found =
          new Observations(
              scored(observed, masks),
              blocks,
              ends(table, blocks),
              toStart(table, blocks),
              fates(table),
              predictions(study, blocks),
              notes);
      return new Result(found, table.broken(), String.join(", ", blocks));
    }

    /** Checked before anything is computed. */
    private Optional<ScoresByMasks> masks(List<ObservedRun> observed) {
      if (asked.masks().isEmpty() || asked.probes().isEmpty()) {
        return Optional.empty();
      }
      ScoresByMasks masks =
          new ScoresByMasks(
              networks, kept.journal(), asked.probes().get(), asked.masks().get(), asked.outputs());
      List<ObservedRun> unscored = observed.stream().filter(r -> r.scores().isEmpty()).toList();
      if (unscored.isEmpty()) {
        notes.add("The masks are not used: every run has a log of its scores.");
      }
      List<TrainingRun> shown =
          unscored.stream()
              .map(run -> trainingRun(run))
              .filter(run -> run.checkpoints().stream().anyMatch(networks::canRun))
              .toList();
      if (shown.isEmpty() && !unscored.isEmpty()) {
        notes.add("The masks are not used: no network of a run without a log can be run.");
      }
      shown.stream().findFirst().ifPresent(run -> notes.addAll(masks.requireFitting(run)));
      return Optional.of(masks);
    }

    private List<WeightComparison> weights() {
      return List.of(new FilterFates());
    }

    private Study study() {
      if (asked.probes().isEmpty()) {
        notes.add(
            "No probes were given: no network was run, and nothing is said of representations.");
        return Study.ofWeights(studied).withViews(EnumSet.of(Study.View.TO_START));
      }
      Probes probes = asked.probes().get();
      RunsFolder some = runs.withRuns(Optional.empty(), studied);
      LayerSelector layers =
          asked.layers().isPresent()
              ? asked.layers().get()
              : Blocks.of(some, networks, probes, notes::add);
      return Study.of(studied, probes, List.<Measure<?>>of(Measures.parse(CKA)))
          .withLayers(layers)
          .withViews(EnumSet.of(Study.View.TO_START, Study.View.FINALS));
    }

    private StudyFolder.Settings settings(Study study) {
      return StudyFolder.Settings.of(runs.root(), study, weights())
          .withValues(runs.options().identity())
          .withFact("shown", asked.shown());
    }

    /** Blocks of which all pairs that could be compared have a figure, in the networks' order. */
    private List<String> blocks(EvolutionTable table) {
      List<EvolutionTable.Row> finals = table.select(Study.View.FINALS).ofMeasure(CKA).all();
      Map<String, Integer> counts = new LinkedHashMap<>();
      Set<RunPair> pairs = new LinkedHashSet<>();
      for (EvolutionTable.Row row : finals) {
        counts.merge(row.layerA(), 1, Integer::sum);
        pairs.add(RunPair.of(row.runA(), row.runB()));
      }
      List<String> whole = new ArrayList<>();
      counts.forEach(
          (layer, count) -> {
            if (count == pairs.size()) {
              whole.add(layer);
            } else {
              notes.add(
                  "Block %s is left out: in some networks it has no similarity (see %s/evolution.json)."
                      .formatted(layer, FOLDER));
            }
          });
      return List.copyOf(whole);
    }

    private Map<RunPair, double[]> ends(EvolutionTable table, List<String> blocks) {
      Map<RunPair, Map<String, Double>> byPair = new HashMap<>();
      for (EvolutionTable.Row row : table.select(Study.View.FINALS).ofMeasure(CKA).all()) {
        byPair
            .computeIfAbsent(RunPair.of(row.runA(), row.runB()), pair -> new HashMap<>())
            .put(row.layerA(), row.measurement().value());
      }
      Map<RunPair, double[]> ends = new HashMap<>();
      byPair.forEach((pair, values) -> inOrder(values, blocks).ifPresent(v -> ends.put(pair, v)));
      return ends;
    }

    private Map<String, double[]> toStart(EvolutionTable table, List<String> blocks) {
      Map<String, double[]> toStart = new HashMap<>();
      for (TrainingRun run : withStarts()) {
        Map<String, Double> values = new HashMap<>();
        table
            .select(Study.View.TO_START)
            .ofMeasure(CKA)
            .ofRun(run.name())
            .atStep(run.end().step())
            .all()
            .forEach(row -> values.put(row.layerA(), row.measurement().value()));
        inOrder(values, blocks).ifPresent(v -> toStart.put(run.name(), v));
      }
      return toStart;
    }

    private Map<String, List<LayerFate>> fates(EvolutionTable table) {
      Map<String, List<LayerFate>> fates = new HashMap<>();
      for (TrainingRun run : withStarts()) {
        fates.put(
            run.name(),
            FilterFates.of(
                table
                    .select(Study.View.TO_START)
                    .ofRun(run.name())
                    .atStep(run.end().step())
                    .where(row -> new FilterFates().measures().contains(row.measure()))));
      }
      return fates;
    }

    private List<TrainingRun> withStarts() {
      return studied.stream().filter(run -> run.checkpoints().size() > 1).toList();
    }

    /** How alike the predictions of two networks are, if the last block gives predictions. */
    private Map<RunPair, Double> predictions(Study study, List<String> blocks) {
      Map<RunPair, Double> predictions = new HashMap<>();
      if (blocks.isEmpty()) {
        return predictions;
      }
      Measure<?> dice = Predictions.dice(asked.outputs());
      String last = blocks.get(blocks.size() - 1);
      EvolutionTable table =
          session.track(
              Study.of(studied, study.probes(), List.<Measure<?>>of(dice))
                  .withLayers(LayerSelector.of(last))
                  .withViews(EnumSet.of(Study.View.FINALS)));
      for (EvolutionTable.Row row : table.select(Study.View.FINALS).ofMeasure(dice.name()).all()) {
        predictions.put(RunPair.of(row.runA(), row.runB()), row.measurement().value());
      }
      return predictions;
    }
  }

  private static Optional<double[]> inOrder(Map<String, Double> values, List<String> blocks) {
    return !blocks.isEmpty() && values.keySet().containsAll(blocks)
        ? Optional.of(blocks.stream().mapToDouble(values::get).toArray())
        : Optional.empty();
  }

  /** What was said of the runs when they were looked through. */
  List<String> notesOfRuns() {
    return Stream.concat(runs.notes().stream(), runs.unread().stream()).toList();
  }
}
