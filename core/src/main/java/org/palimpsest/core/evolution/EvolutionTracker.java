package org.palimpsest.core.evolution;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.measure.Spill;
import org.palimpsest.core.progress.Progress;

/**
 * Compares representations and weights across checkpoints and seeds.
 *
 * <p>Each checkpoint is run once and each layer prepared once, however many views ask; a comparison
 * that several views ask for is made once; what the journal knows is not made again. Prepared
 * layers stay within a bound of memory and are spilled beyond it.
 *
 * <pre>{@code
 * EvolutionTable table =
 *     EvolutionTracker.of(networks) // a CheckpointOpener, such as CheckpointFiles of the module io
 *         .withMemoryBound(4L << 30)
 *         .track(Study.of(runs, probes, List.of(new LinearCka())));
 * }</pre>
 *
 * <p>The table does not depend on the bound of memory, the number of cores, or where an interrupted
 * study was taken up. Immutable: each {@code with…} gives a changed copy.
 */
public final class EvolutionTracker {

  private final TrackerSettings settings;

  private EvolutionTracker(TrackerSettings settings) {
    this.settings = settings;
  }

  /**
   * A tracker without folders: what it finds out is in the table alone, and prepared layers stay in
   * memory, whatever the bound. For studies that fit there and need not be resumed.
   *
   * @param networks opens checkpoints
   */
  public static EvolutionTracker of(CheckpointOpener networks) {
    return of(networks, StudyJournal.inMemory(), Spill.none());
  }

  /**
   * A tracker that keeps what it finds out, such as in a folder.
   *
   * @param networks opens checkpoints
   * @param journal keeps what is found out
   * @param spill takes what does not fit in memory
   */
  public static EvolutionTracker of(CheckpointOpener networks, StudyJournal journal, Spill spill) {
    return new EvolutionTracker(TrackerSettings.of(networks, journal, spill));
  }

  /**
   * Bounds the memory of prepared layers and weights.
   *
   * @param bytes the most that prepared layers may take in memory; 2 GiB if not set
   */
  public EvolutionTracker withMemoryBound(long bytes) {
    return new EvolutionTracker(settings.withMemoryBound(bytes));
  }

  /**
   * Compares weights as well, wherever a view holds layers of the same name against each other.
   *
   * @param comparisons such as {@code WeightComparisons} of the module {@code similarity} has; none
   *     if this is not said
   */
  public EvolutionTracker withWeights(List<WeightComparison> comparisons) {
    return new EvolutionTracker(settings.withWeights(comparisons));
  }

  /**
   * Gives each comparison of representations its interval over probes. Measurements that the
   * journal knows without one, or with one that was made differently, are computed again.
   */
  public EvolutionTracker withIntervals(ScoreIntervals maker) {
    return new EvolutionTracker(settings.withIntervals(maker));
  }

  /**
   * Tells a listener how far the work is: a step for each network that is run, each pair of layers,
   * and each pair of checkpoints whose weights are compared.
   *
   * @param listener hears of nothing that the journal knows already
   */
  public EvolutionTracker withProgress(Progress listener) {
    return new EvolutionTracker(settings.withProgress(listener));
  }

  /**
   * Tells the plan as soon as the first checkpoints have shown how long one takes: so many networks
   * to run, so many comparisons, about so long.
   *
   * @param listener is called once for each study, if at all
   */
  public EvolutionTracker withPlanListener(Consumer<StudyPlan> listener) {
    return new EvolutionTracker(settings.withPlanListener(listener));
  }

  /**
   * Has the work done elsewhere, such as on other machines; the bound of memory and the spill are
   * then of no use.
   *
   * @param workers does the work of a study
   */
  public EvolutionTracker withWorkers(Function<Study, StudyWorkers> workers) {
    return new EvolutionTracker(settings.withWorkers(workers));
  }

  /**
   * Finds out what the study asks for.
   *
   * <p>A checkpoint that cannot be read or run is in the table with its problem; the rest goes on.
   *
   * @throws org.palimpsest.core.PalimpsestException if not one checkpoint can be used
   */
  public EvolutionTable track(Study study) {
    return session().track(study);
  }

  /** Tracks studies one after the other, such as one that grows: what was prepared is kept. */
  public TrackingSession session() {
    return new TrackingSession(settings);
  }
}
