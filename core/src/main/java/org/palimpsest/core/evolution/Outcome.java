package org.palimpsest.core.evolution;

/** What came of asking for a measurement. */
public sealed interface Outcome permits Measurement, Outcome.Failure {

  /**
   * There is no such measurement.
   *
   * @param reason why, such as a layer without any variance
   */
  record Failure(String reason) implements Outcome {}
}
