package org.palimpsest.core.evolution;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.progress.Progress;

/**
 * What a tracker works with.
 *
 * @param networks opens checkpoints
 * @param journal keeps what is found out
 * @param spill takes what does not fit in memory
 * @param memoryBound the most bytes that prepared layers and weights may take in memory
 * @param weightComparisons by what weights are compared
 * @param intervals gives scores their intervals over probes, if they are to have any
 * @param progress hears how far the work is
 * @param announce hears the plan
 * @param workers do the work of a study elsewhere; of none it is done here
 */
record TrackerSettings(
    CheckpointOpener networks,
    StudyJournal journal,
    Spill spill,
    long memoryBound,
    List<WeightComparison> weightComparisons,
    Optional<ScoreIntervals> intervals,
    Progress progress,
    Consumer<EvolutionTracker.Plan> announce,
    Optional<Function<Study, StudyWorkers>> workers) {

  private static final long DEFAULT_BOUND = 2L << 30;

  /** Of the bound, what networks' weights may take. */
  private static final int SHARE_OF_WEIGHTS = 4;

  TrackerSettings {
    weightComparisons = List.copyOf(weightComparisons);
  }

  static TrackerSettings of(CheckpointOpener networks, StudyJournal journal, Spill spill) {
    return new TrackerSettings(
        networks,
        journal,
        spill,
        DEFAULT_BOUND,
        List.of(),
        Optional.empty(),
        Progress.silent(),
        plan -> {},
        Optional.empty());
  }

  TrackerSettings withMemoryBound(long bytes) {
    return new TrackerSettings(
        networks, journal, spill, bytes, weightComparisons, intervals, progress, announce, workers);
  }

  TrackerSettings withWeights(List<WeightComparison> comparisons) {
    return new TrackerSettings(
        networks, journal, spill, memoryBound, comparisons, intervals, progress, announce, workers);
  }

  TrackerSettings withIntervals(ScoreIntervals maker) {
    return new TrackerSettings(
        networks,
        journal,
        spill,
        memoryBound,
        weightComparisons,
        Optional.of(maker),
        progress,
        announce,
        workers);
  }

  TrackerSettings withProgress(Progress listener) {
    return new TrackerSettings(
        networks,
        journal,
        spill,
        memoryBound,
        weightComparisons,
        intervals,
        listener,
        announce,
        workers);
  }

  TrackerSettings withPlanListener(Consumer<EvolutionTracker.Plan> listener) {
    return new TrackerSettings(
        networks,
        journal,
        spill,
        memoryBound,
        weightComparisons,
        intervals,
        progress,
        listener,
        workers);
  }

  TrackerSettings withWorkers(Function<Study, StudyWorkers> elsewhere) {
    return new TrackerSettings(
        networks,
        journal,
        spill,
        memoryBound,
        weightComparisons,
        intervals,
        progress,
        announce,
        Optional.of(elsewhere));
  }

  long boundOfWeights() {
    return weightComparisons.isEmpty() ? 0 : memoryBound / SHARE_OF_WEIGHTS;
  }

  long boundOfLayers() {
    return memoryBound - boundOfWeights();
  }
}
