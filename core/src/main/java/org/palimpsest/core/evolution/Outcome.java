package org.palimpsest.core.evolution;

/**
 * What came of asking for a measurement: a {@link Measurement}, or a {@link Failure} with the
 * reason. Failures are kept in the journal as numbers are, so that a layer that cannot be compared
 * is not tried again with each resumption; that a file could not be read is not kept, since it may
 * be another time.
 */
public sealed interface Outcome permits Measurement, Outcome.Failure {

  /**
   * There is no such measurement.
   *
   * @param reason why, such as a layer without any variance
   */
  record Failure(String reason) implements Outcome {}
}
