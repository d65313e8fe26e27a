package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** See {@link StudyJournal#inMemory()}. */
final class JournalInMemory implements StudyJournal {

  private final Map<MeasurementKey, Outcome> outcomes = new HashMap<>();
  private final Map<String, LayerGrids> structures = new HashMap<>();
  private final Map<String, List<String>> cautions = new HashMap<>();

  @Override
  public Optional<Outcome> outcome(MeasurementKey key) {
    return Optional.ofNullable(outcomes.get(key));
  }

  @Override
  public void keep(MeasurementKey key, Outcome outcome) {
    outcomes.put(key, outcome);
  }

  @Override
  public Optional<LayerGrids> structure(String subject) {
    return Optional.ofNullable(structures.get(subject));
  }

  @Override
  public void keep(String subject, LayerGrids structure) {
    structures.put(subject, structure);
  }

  @Override
  public Optional<List<String>> cautions(String subject) {
    return Optional.ofNullable(cautions.get(subject));
  }

  @Override
  public void keepCautions(String subject, List<String> known) {
    cautions.put(subject, List.copyOf(known));
  }
}
