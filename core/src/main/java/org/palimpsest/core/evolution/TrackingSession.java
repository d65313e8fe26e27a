package org.palimpsest.core.evolution;

/**
 * Tracks a study that grows, again and again: layers that were prepared stay prepared, within the
 * bound of memory, so that a new checkpoint alone is run. For one thread.
 */
public final class TrackingSession {

  /** Of the bound, what may lie about unused before the collector is called. */
  private static final int SHARE_OF_GARBAGE = 8;

  /** Less would have the collector called for every layer. */
  private static final long LEAST_GARBAGE = 32L << 20;

  private final TrackerSettings settings;
  private final OffHeapGarbage garbage;
  private final PreparedStore store;

  TrackingSession(TrackerSettings settings) {
    this.settings = settings;
    this.garbage =
        new OffHeapGarbage(Math.max(LEAST_GARBAGE, settings.memoryBound() / SHARE_OF_GARBAGE));
    this.store = new PreparedStore(settings.boundOfLayers(), settings.spill(), garbage);
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
