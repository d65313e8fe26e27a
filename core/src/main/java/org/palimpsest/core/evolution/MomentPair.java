package org.palimpsest.core.evolution;

/** Two checkpoints, of one run or of two. */
public record MomentPair(Moment a, Moment b) {

  @Override
  public String toString() {
    return a + "," + b;
  }
}
