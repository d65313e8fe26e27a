package org.palimpsest.core.evolution;

/**
 * Two checkpoints, of one run or of two, whose layers are all compared with one another in {@link
 * StudyView#PAIRS}: L × M comparisons for L layers of the first and M of the second, by each
 * measure.
 *
 * <pre>{@code
 * RunStepPair ends =
 *     new RunStepPair(RunStep.parse("transfer/seed0@400"), RunStep.parse("random/seed0@400"));
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
public record RunStepPair(RunStep a, RunStep b) {

  @Override
  public String toString() {
    return a + "," + b;
  }
}
