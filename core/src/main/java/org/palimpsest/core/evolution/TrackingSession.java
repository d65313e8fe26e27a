package org.palimpsest.core.evolution;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.engine.Engine;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Grid;

/**
 * Tracks a study that grows, again and again: layers that were prepared stay prepared, within the
 * bound of memory, so that a new checkpoint alone is run. For one thread.
 *
 * <pre>{@code
 * TrackingSession session = EvolutionTracker.of(networks).session();
 * EvolutionTable first = session.track(study);
 * EvolutionTable later = session.track(study.withRuns(Optional.empty(), grownRuns));
 * }</pre>
 *
 * <p>The table is that of a study of the same runs at once. Prepared layers of checkpoints that are
 * no longer asked for stay until the bound is reached.
 */
public final class TrackingSession {

  private final TrackerSettings settings;
  private final OffHeapGarbage garbage;
  private final PreparedStore store;

  TrackingSession(TrackerSettings settings) {
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

  /** Work that is done in this process: networks one after the other, comparisons on all cores. */
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
      for (NetworkTask task : tasks) {
        NetworkRun run;
        try {
          run = bench.run(task);
        } catch (PalimpsestException failure) {
          results.failed(task, String.valueOf(failure.getMessage()));
          continue;
        }
        results.ran(task, run);
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
