package org.palimpsest.core.evolution;

import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;

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
    return new EvolutionRun(study, settings, store, garbage).track();
  }
}
