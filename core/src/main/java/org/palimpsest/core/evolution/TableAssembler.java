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
import org.palimpsest.core.Version;
import org.palimpsest.core.measure.Measure;

/** Lays the journal's measurements out as the views ask for them. */
final class TableAssembler {

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
    List<EvolutionRow> rows = new ArrayList<>();
    GroupSummary groups = new GroupSummary(study.runs(), this::contentAtEnd);
    for (Pairing pairing : pairings) {
      List<EvolutionRow> ofLayers = rows(pairing);
      List<EvolutionRow> ofWeights = weights.rows(pairing, notes);
      ofWeights.forEach(row -> facts.putIfAbsent(row.measure(), row.facts()));
      if (pairing.view() == StudyView.FINALS || pairing.view() == StudyView.GROUPS) {
        ofLayers.forEach(groups::add);
        ofWeights.stream().filter(weights::isSymmetric).forEach(groups::addSymmetric);
      }
      if (pairing.view() != StudyView.GROUPS) {
        rows.addAll(ofLayers);
        rows.addAll(ofWeights);
      }
    }
    addCautions();
    if (checkpoints.weightsAlone() > 0 && !study.measures().isEmpty()) {
      notes.add(
          "%d checkpoints hold weights without the network's code: they were not run, so that only their weights are compared."
              .formatted(checkpoints.weightsAlone()));
    }
    if (study.views().contains(StudyView.GROUPS)) {
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
          String others = of.size() == 1 ? "" : " and %d more".formatted(of.size() - 1);
          notes.add(
              "%s, step %d%s: %s"
                  .formatted(
                      of.get(0).run().name(), of.get(0).checkpoint().step(), others, caution));
        });
  }

  private String contentAtEnd(TrainingRun run) {
    return checkpoints.hash(RunStep.of(run, run.end()));
  }

  private List<EvolutionRow> rows(Pairing pairing) {
    List<EvolutionRow> rows = new ArrayList<>();
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
  private EvolutionRow ofGroups(EvolutionRow row) {
    MeasureFacts known = facts.get(row.measure());
    return known == null ? row : row.withFacts(known);
  }

  private static EvolutionRow row(
      Pairing pairing,
      PairingReader.LayerPair pair,
      MeasureFacts measure,
      Measurement measurement) {
    return new EvolutionRow(
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
