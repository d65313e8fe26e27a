package org.palimpsest.core.evolution;

import java.time.Duration;
import java.util.Locale;

/**
 * What a study will take. It is told once, when the first few networks have shown how long one
 * takes, and before the bulk of the work; the estimate assumes that the others have as many layers,
 * of about the same size.
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
public record StudyPlan(
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
