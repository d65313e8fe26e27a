package org.palimpsest.core.evolution;

/**
 * One way to look at a study: which checkpoints are held against which.
 *
 * <p>With R runs of C checkpoints and L layers, by one measure, there are R·C·L comparisons in each
 * of the first three views, R·C²·L in {@link #STEPS}, R·C·L² in {@link #LAYERS}, and R(R − 1)/2·L
 * in {@link #FINALS}. What several views ask for is made once.
 */
public enum StudyView {
  /** Each checkpoint against the first of its own run, the same layers. */
  TO_START("to_start"),
  /** Each checkpoint against the last of its own run, the same layers. */
  TO_END("to_end"),
  /** Each checkpoint against the last of the network that others started from, the same layers. */
  TO_SOURCE("to_source"),
  /** Each checkpoint against the next of its own run, the same layers: the speed of change. */
  TO_NEXT("to_next"),
  /** Any two checkpoints of one run, the same layers: steps × steps. */
  STEPS("steps"),
  /** All layers of each checkpoint against all layers of the last of its run. */
  LAYERS("layers"),
  /** The last checkpoints of any two runs, the same layers. */
  FINALS("finals"),
  /** All layers of the last checkpoints of any two runs: does a layer find its like? */
  FINAL_LAYERS("final_layers"),
  /** All layers of two checkpoints that the study names, of whatever runs and steps. */
  PAIRS("pairs"),
  /** Means of {@link #FINALS} within and between groups of runs, and tests of their differences. */
  GROUPS("groups");

  private final String label;

  StudyView(String label) {
    this.label = label;
  }

  /** Its name in tables and on the command line. */
  public String label() {
    return label;
  }
}
