package org.palimpsest.core.evolution;

/**
 * Two checkpoints, of one run or of two, whose layers are all compared with one another in {@link
 * StudyView#PAIRS}.
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
