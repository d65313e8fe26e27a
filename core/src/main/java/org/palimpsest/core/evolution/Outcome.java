package org.palimpsest.core.evolution;

/** What came of asking for a figure. */
public sealed interface Outcome permits Figure, Outcome.Failure {

  /**
   * There is no such figure.
   *
   * @param reason why, such as a layer without any variance
   */
  record Failure(String reason) implements Outcome {}
}
