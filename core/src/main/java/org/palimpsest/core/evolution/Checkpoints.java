package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.evolution.TrainingRun.RunStep;

/** The checkpoints of a study, by moment and by content; equal content is looked at once. */
final class Checkpoints {

  private final CheckpointOpener networks;
  private final boolean ofWeights;
  private final Map<RunStep, CheckpointRecord> byMoment = new LinkedHashMap<>();
  private final Map<String, Checkpoint> byHash = new LinkedHashMap<>();
  private final Map<String, String> problems = new LinkedHashMap<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Set<String> weightsAlone = new LinkedHashSet<>();

  Checkpoints(Study study, CheckpointOpener networks) {
    this.networks = networks;
    this.ofWeights = study.measures().isEmpty();
    for (TrainingRun run : study.allRuns()) {
      run.checkpoints().forEach(checkpoint -> add(run, checkpoint));
    }
  }

  private void add(TrainingRun run, Checkpoint checkpoint) {
    String hash = "";
    Optional<String> problem = Optional.empty();
    try {
      hash = networks.contentHash(checkpoint);
      places.putIfAbsent(hash, places.size());
      if (byHash.putIfAbsent(hash, checkpoint) == null && !networks.canRun(checkpoint)) {
        weightsAlone.add(hash);
      }
    } catch (PalimpsestException failure) {
      problem = Optional.of(String.valueOf(failure.getMessage()));
    }
    byMoment.put(RunStep.of(run, checkpoint), new CheckpointRecord(run, checkpoint, hash, problem));
  }

  boolean isUsable(RunStep moment) {
    String hash = hash(moment);
    return !hash.isEmpty() && !isGivenUp(hash);
  }

  boolean isGivenUp(String hash) {
    return problems.containsKey(hash);
  }

  boolean canRun(RunStep moment) {
    return !weightsAlone.contains(hash(moment));
  }

  /** How many different checkpoints hold weights alone. */
  int weightsAlone() {
    return weightsAlone.size();
  }

  String hash(RunStep moment) {
    return Objects.requireNonNull(byMoment.get(moment), moment::toString).hash();
  }

  Checkpoint withHash(String hash) {
    return Objects.requireNonNull(byHash.get(hash), hash);
  }

  /** The place of content among all, in the order of runs and steps. */
  int place(String hash) {
    return Objects.requireNonNull(places.get(hash), hash);
  }

  /** From now on the checkpoints of this content count as broken. */
  void giveUp(String hash, String problem) {
    problems.put(hash, problem);
  }

  /** Whether a checkpoint of this content is of no use where its weights cannot be read. */
  boolean needsWeights(String hash) {
    return ofWeights || weightsAlone.contains(hash);
  }

  List<CheckpointRecord> records() {
    List<CheckpointRecord> records = new ArrayList<>();
    for (CheckpointRecord known : byMoment.values()) {
      Optional<String> problem =
          known.problem().or(() -> Optional.ofNullable(problems.get(known.hash())).map(of(known)));
      records.add(new CheckpointRecord(known.run(), known.checkpoint(), known.hash(), problem));
    }
    return records;
  }

  /** Of equal files the first was looked at, and is named. */
  private UnaryOperator<String> of(CheckpointRecord known) {
    String looked = withHash(known.hash()).location();
    return known.checkpoint().location().equals(looked)
        ? UnaryOperator.identity()
        : problem -> "%s has the same bytes: %s".formatted(looked, problem);
  }

  /**
   * @throws PalimpsestException if not one checkpoint can be used
   */
  void requireOneUsable() {
    List<CheckpointRecord> records = records();
    if (records.stream().allMatch(record -> record.problem().isPresent())) {
      throw new PalimpsestException(
          "None of the %s checkpoints can be used. The first: %s"
              .formatted(records.size(), records.get(0).problem().orElseThrow()));
    }
  }
}
