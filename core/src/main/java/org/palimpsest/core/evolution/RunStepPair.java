package org.palimpsest.core.evolution;

/** Two checkpoints, of one run or of two. */
public record RunStepPair(RunStep a, RunStep b) {

  @Override
  public String toString() {
    return a + "," + b;
  }
}
