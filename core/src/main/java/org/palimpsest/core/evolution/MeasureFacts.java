package org.palimpsest.core.evolution;

import java.util.Optional;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Range;

/**
 * What a reader must know of the measure behind a measurement, be it of representations or of
 * weights. Rows of a table that was read from a file have it too, also where the measure itself is
 * not on the class path.
 *
 * @param name as in the table
 * @param description one sentence, or empty
 * @param direction whether more means more alike; empty where that is not known, or the measurement
 *     is not about alikeness
 * @param range the values that it can take; an infinite end where there is none, or none is known
 * @param ofWeights whether it compares weights, not the outputs of layers
 * @param symmetric whether exchanging the two networks is known to leave the value as it is
 */
public record MeasureFacts(
    String name,
    String description,
    Optional<Direction> direction,
    Range range,
    boolean ofWeights,
    boolean symmetric) {

  private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /**
   * Of a measure of representations: everything is known, from its {@linkplain Measure#properties
   * properties}.
   *
   * @param measure as the study names it
   */
  public static MeasureFacts of(Measure<?> measure) {
    return new MeasureFacts(
        measure.name(),
        measure.properties().description(),
        Optional.of(measure.properties().direction()),
        measure.properties().range(),
        false,
        measure.properties().symmetric());
  }

  /**
   * Of a measure of which only the name is known, such as one of a plug-in in a table that is read
   * where the plug-in is not: any value is possible, and nothing says how to read it.
   *
   * @param name as in the table
   */
  public static MeasureFacts unknown(String name) {
    return new MeasureFacts(name, "", Optional.empty(), ANY, false, false);
  }

  /** Whether more is known than the name: a description, or a direction. */
  public boolean isKnown() {
    return !description.isEmpty() || direction.isPresent();
  }

  /** Whether larger values mean less alike. False also where that is not known. */
  public boolean isDistance() {
    return direction.isPresent() && direction.get() == Direction.DISTANCE;
  }

  /** How to read a value: {@code higher is more alike}; empty if that is not known. */
  public String reading() {
    return direction
        .map(d -> d == Direction.SIMILARITY ? "higher is more alike" : "lower is more alike")
        .orElse("");
  }
}
