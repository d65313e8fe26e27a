package org.palimpsest.io.report;

import java.util.Optional;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Range;

/**
 * What a reader must know of one measure, be it of representations or of weights.
 *
 * @param name as in the table
 * @param description one sentence, or empty
 * @param direction whether more means more alike, if that is known
 * @param range the values that it can take; an infinite end where there is none, or none is known
 * @param ofWeights whether it looks at weights, not at what layers answer to the probes
 */
public record MeasureFacts(
    String name,
    String description,
    Optional<Direction> direction,
    Range range,
    boolean ofWeights) {

  private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Of a measure of representations. */
  public static MeasureFacts of(Measure<?> measure) {
    return new MeasureFacts(
        measure.name(),
        measure.properties().description(),
        Optional.of(measure.properties().direction()),
        measure.properties().range(),
        false);
  }

  /** Of a figure about weights, such as {@code relative_change}. */
  public static MeasureFacts ofWeights(
      String name, String description, Direction direction, Range range) {
    return new MeasureFacts(name, description, Optional.of(direction), range, true);
  }

  /** Of a measure of which only the name is known. */
  static MeasureFacts unknown(String name) {
    return new MeasureFacts(name, "", Optional.empty(), ANY, false);
  }

  boolean isDistance() {
    return direction.isPresent() && direction.get() == Direction.DISTANCE;
  }

  /** How to read a value: {@code higher is more alike}; empty if that is not known. */
  String reading() {
    return direction
        .map(d -> d == Direction.SIMILARITY ? "higher is more alike" : "lower is more alike")
        .orElse("");
  }

  /** Whether more is known than the name. */
  boolean isKnown() {
    return !description.isEmpty() || direction.isPresent();
  }

  /** The same for a table, which has no empty cells. */
  String readingInTable() {
    return direction.isPresent() ? reading() : isKnown() ? "see what it is" : "not known";
  }

  /** The name for an axis: {@code linear_cka (higher is more alike)}. */
  String axis() {
    return direction.isEmpty() ? name : name + " (" + reading() + ")";
  }
}
