package org.palimpsest.core.evolution;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.StudyWorkbench.Captured;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.internal.engine.Engine;
import org.palimpsest.core.internal.engine.Lookahead;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;

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
 *         .track(Study.of(runs, probes, List.of(Cka.linear())));
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
   * @param bytes the most that prepared layers may take in memory, at least 1; 2 GiB if not set
   * @throws PalimpsestException if that is no byte at all
   */
  public EvolutionTracker withMemoryBound(long bytes) {
    if (bytes < 1) {
      throw new PalimpsestException(
          "Prepared layers take 1 byte of memory or more, unlike %s.".formatted(bytes));
    }
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
  public EvolutionTracker withPlanListener(Consumer<Plan> listener) {
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
  public Session session() {
    return new Session(settings);
  }

  /**
   * Tracks a study that grows, again and again: layers that were prepared stay prepared, within the
   * bound of memory, so that a new checkpoint alone is run. For one thread.
   *
   * <pre>{@code
   * Session session = EvolutionTracker.of(networks).session();
   * EvolutionTable first = session.track(study);
   * EvolutionTable later = session.track(study.withRuns(Optional.empty(), grownRuns));
   * }</pre>
   *
   * <p>The table is that of a study of the same runs at once. Prepared layers of checkpoints that
   * are no longer asked for stay until the bound is reached.
   */
  public static final class Session {

    private final TrackerSettings settings;
    private final OffHeapGarbage garbage;
    private final PreparedStore store;

    Session(TrackerSettings settings) {
      this.settings = settings;
      this.garbage = OffHeapGarbage.within(settings.memoryBound());
      this.store = PreparedStore.spilling(settings.boundOfLayers(), settings.spill(), garbage);
    }

    /**
     * Finds out what the study asks for.
     *
     * @throws org.palimpsest.core.PalimpsestException if not one checkpoint can be used
     */
    public EvolutionTable track(Study study) {
      StudyWorkers workers =
          settings
              .workers()
              .map(elsewhere -> elsewhere.apply(study))
              .orElseGet(() -> new WorkersHere(study, settings, store, garbage));
      return new EvolutionRun(study, settings, workers).track();
    }

    /**
     * Work that is done in this process: networks one after the other, each while the layers of the
     * one before are prepared if memory allows, comparisons on all cores.
     */
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
        try (Lookahead<Captured> next = new Lookahead<>("network ahead")) {
          for (int i = 0; i < tasks.size(); i++) {
            NetworkTask task = tasks.get(i);
            NetworkRun run;
            try {
              Captured network = next.takeOr(() -> bench.capture(task));
              if (i + 1 < tasks.size() && bench.hasRoomBeside(network)) {
                NetworkTask following = tasks.get(i + 1);
                next.begin(() -> bench.capture(following));
              }
              run = bench.prepare(network);
            } catch (PalimpsestException failure) {
              if (Thread.currentThread().isInterrupted()) {
                throw failure;
              }
              results.failed(task, String.valueOf(failure.getMessage()));
              continue;
            }
            results.ran(task, run);
          }
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

  /**
   * What a study will take. It is told once, when the first few networks have shown how long one
   * takes, and before the bulk of the work; the estimate assumes that the others have as many
   * layers, of about the same size.
   *
   * @param checkpoints how many checkpoints the views look at
   * @param modelRuns how many of them still have to be run
   * @param comparisons how many comparisons of two layers are still to be made
   * @param known how many are known from before
   * @param weightComparisons how many comparisons of two checkpoints' weights are still to be made
   * @param estimate about how long all this will take, judging by the first of each; writing and
   *     drawing what is found out comes after it
   * @see EvolutionTracker#withPlanListener
   */
  public record Plan(
      int checkpoints,
      int modelRuns,
      long comparisons,
      long known,
      long weightComparisons,
      Duration estimate) {

    /** For people. */
    public String describe() {
      return String.format(
          Locale.ROOT,
          "%d checkpoints, %d to run; %d comparisons of layers to make, %d known, and %d of weights;"
              + " about %s until the tables are written.",
          checkpoints,
          modelRuns,
          comparisons,
          known,
          weightComparisons,
          time(estimate.toSeconds()));
    }

    private static String time(long seconds) {
      return seconds < 90 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
  }
}
