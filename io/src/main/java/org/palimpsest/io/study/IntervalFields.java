package org.palimpsest.io.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.internal.file.StrictJson;

/**
 * What journals and tables of studies keep of an interval over probes beside its ends: {@code
 * corrected, level, method, units, note} as in tables of comparisons, and {@code unrelated}, the
 * value of layers that have nothing to do with each other.
 */
final class IntervalFields {

  static final List<String> COLUMNS = List.of("corrected", "level", "method", "units", "note");

  private static final String UNITS = "units";
  private static final String NOTE = "note";
  private static final String LEVEL = "level";
  private static final String METHOD = "method";
  private static final String CORRECTED = "corrected";
  private static final String UNRELATED = "unrelated";

  private IntervalFields() {}

  /** By their names, numbers and texts; without those that the interval has not. */
  static Map<String, Object> of(Interval interval) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (interval instanceof Interval.Known known) {
      known.corrected().ifPresent(corrected -> fields.put(CORRECTED, corrected));
      fields.put(LEVEL, known.level());
      fields.put(METHOD, known.method().label());
      known.unrelated().ifPresent(unrelated -> fields.put(UNRELATED, unrelated));
    }
    fields.put(UNITS, interval.units());
    if (interval instanceof Interval.Refused refused) {
      fields.put(NOTE, refused.reason());
    }
    return fields;
  }

  /**
   * The interval of a figure of this value, if it has one.
   *
   * @throws IllegalArgumentException if what is kept of it is no interval
   */
  static Optional<Interval> in(JsonNode figure, double value) {
    if (!figure.has(UNITS)) {
      return Optional.empty();
    }
    long units = StrictJson.required(figure, UNITS).asLong();
    if (figure.has(NOTE)) {
      return Optional.of(
          new Interval.Refused(value, units, StrictJson.required(figure, NOTE).asText().intern()));
    }
    double low = StrictJson.number(StrictJson.required(figure, "low"));
    double high = StrictJson.number(StrictJson.required(figure, "high"));
    double level = StrictJson.number(StrictJson.required(figure, LEVEL));
    if (low > high || units < 1 || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "an interval of level %s over %s units is from %s to %s"
              .formatted(level, units, low, high));
    }
    return Optional.of(
        new Interval.Known(
            value,
            optional(figure, CORRECTED),
            low,
            high,
            level,
            method(StrictJson.required(figure, METHOD).asText()),
            units,
            optional(figure, UNRELATED)));
  }

  private static Interval.Method method(String label) {
    return Interval.Method.labelled(label)
        .orElseThrow(() -> new IllegalArgumentException("no interval is made by '" + label + "'"));
  }

  private static OptionalDouble optional(JsonNode node, String field) {
    return node.has(field)
        ? OptionalDouble.of(StrictJson.number(StrictJson.required(node, field)))
        : OptionalDouble.empty();
  }
}
