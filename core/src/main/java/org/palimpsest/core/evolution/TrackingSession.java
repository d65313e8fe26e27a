package org.palimpsest.core.evolution;

import java.util.List;
import java.util.function.Consumer;
import org.palimpsest.core.progress.Progress;

/**
 * Tracks a study that grows, again and again: layers that were prepared stay prepared, within the
 * bound of memory, so that a new checkpoint alone is run. For one thread.
 */
public final class TrackingSession {

  /** Of the bound, what may lie about unused before the collector is called. */
  private static final int SHARE_OF_GARBAGE = 8;

  /** Less would have the collector called for every layer. */
  private static final long LEAST_GARBAGE = 32L << 20;

  /** Of the bound, what networks' weights may take. */
  private static final int SHARE_OF_WEIGHTS = 4;

  private final Networks networks;
  private final StudyJournal journal;
  private final long memoryBound;
  private final List<WeightComparison> weightComparisons;
  private final Progress progress;
  private final Consumer<StudyPlan> announce;
  private final OffHeapGarbage garbage;
  private final PreparedStore store;

  TrackingSession(
      Networks networks,
      StudyJournal journal,
      Spill spill,
      long memoryBound,
      List<WeightComparison> weightComparisons,
      Progress progress,
      Consumer<StudyPlan> announce) {
    this.networks = networks;
    this.journal = journal;
    this.memoryBound = memoryBound;
    this.weightComparisons = weightComparisons;
    this.progress = progress;
    this.announce = announce;
    this.garbage = new OffHeapGarbage(Math.max(LEAST_GARBAGE, memoryBound / SHARE_OF_GARBAGE));
    this.store = new PreparedStore(memoryBound - forWeights(), spill, garbage);
  }

  private long forWeights() {
    return memoryBound / SHARE_OF_WEIGHTS;
  }

  /**
   * Finds out what the study asks for.
   *
   * @throws org.palimpsest.core.PalimpsestException if not one checkpoint can be used
   */
  public EvolutionTable track(Study study) {
    EvolutionRun run =
        new EvolutionRun(study, networks, journal, store, garbage, progress, announce);
    WeightRun weights =
        new WeightRun(study, networks, journal, weightComparisons, forWeights(), garbage, progress);
    return run.track(weights);
  }
}
