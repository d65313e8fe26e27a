package org.palimpsest.core.evolution;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * A training run at one step: the name of a checkpoint in tables and on the command line, written
 * {@code RUN@STEP}.
 *
 * <p>Equal names and steps make equal values, so that one serves as a key. Whether there is such a
 * checkpoint it does not know: see {@link Study#requirePairs}.
 *
 * @param run the run's name
 * @param step how many steps the optimiser had made
 */
public record RunStep(String run, long step) {

  /**
   * @throws PalimpsestException if the run has no name, or the step is below 0
   */
  public RunStep {
    if (run.isEmpty() || step < 0) {
      throw new PalimpsestException(
          "A checkpoint is named by its run and a step from 0 on, unlike '%s' and %s."
              .formatted(run, step));
    }
  }

  private static final Pattern FORM = Pattern.compile("(.+)@(\\d{1,18})");

  /**
   * Reads what {@link #toString} writes, such as {@code random/seed0@400}. What stands before the
   * last {@code @} is the run's name.
   *
   * @throws PalimpsestException if it is not of this form, or the step is no integer from 0
   * @param text with a step of at most 18 digits
   */
  public static RunStep parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new PalimpsestException(
          "'" + text + "' names no checkpoint; write RUN@STEP, such as random/seed0@400.");
    }
    return new RunStep(parts.group(1), Long.parseLong(parts.group(2)));
  }

  static RunStep of(TrainingRun run, Checkpoint checkpoint) {
    return new RunStep(run.name(), checkpoint.step());
  }

  @Override
  public String toString() {
    return run + "@" + step;
  }

  /**
   * Two checkpoints, of one run or of two, whose layers are all compared with one another in {@link
   * StudyView#PAIRS}: L × M comparisons for L layers of the first and M of the second, by each
   * measure.
   *
   * <pre>{@code
   * Pair ends =
   *     new Pair(RunStep.parse("transfer/seed0@400"), RunStep.parse("random/seed0@400"));
   * Study wider = study.withPairs(List.of(ends));
   * wider.requirePairs(); // both are there
   * }</pre>
   *
   * <p>The two may be the same checkpoint, which shows how alike the layers of one network are.
   *
   * @param a whose layers are the rows
   * @param b whose layers are the columns
   * @see Study#withPairs
   */
  public record Pair(RunStep a, RunStep b) {

    @Override
    public String toString() {
      return a + "," + b;
    }
  }
}
