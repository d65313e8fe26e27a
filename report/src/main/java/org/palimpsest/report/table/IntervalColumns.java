package org.palimpsest.report.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Score;

/**
 * What tables say of a score's interval: {@code corrected} (the value without the bias of few
 * images, on which the interval is centred; empty if the method has none), {@code low, high, level,
 * method}, {@code units} (how many independent images, or batches, it rests on) and {@code note}
 * (why there is no interval, in which case the others are empty).
 */
final class IntervalColumns {

  static final List<String> NAMES =
      List.of("corrected", "low", "high", "level", "method", "units", "note");

  private IntervalColumns() {}

  /** Whether intervals were asked for. */
  static boolean areIn(ComparisonResult result) {
    return result.rows().stream().anyMatch(row -> row.score().interval().isPresent());
  }

  /** A text, a number, or nothing for each name. */
  static List<Optional<Object>> of(Score score) {
    Optional<Interval> interval = score.interval();
    if (interval.isEmpty()) {
      return NAMES.stream().map(name -> Optional.empty()).toList();
    }
    return interval.get() instanceof Interval.Known known
        ? of(known)
        : ofRefused((Interval.Refused) interval.get());
  }

  private static List<Optional<Object>> of(Interval.Known known) {
    List<Optional<Object>> values = new ArrayList<>();
    OptionalDouble corrected = known.corrected();
    values.add(corrected.isPresent() ? Optional.of(corrected.getAsDouble()) : Optional.empty());
    values.add(Optional.of(known.low()));
    values.add(Optional.of(known.high()));
    values.add(Optional.of(known.level()));
    values.add(Optional.of(known.method().label()));
    values.add(Optional.of(known.units()));
    values.add(Optional.empty());
    return values;
  }

  private static List<Optional<Object>> ofRefused(Interval.Refused refused) {
    List<Optional<Object>> values = new ArrayList<>();
    for (int i = 0; i < NAMES.size() - 2; i++) {
      values.add(Optional.empty());
    }
    values.add(Optional.of(refused.units()));
    values.add(Optional.of(refused.reason()));
    return values;
  }
}
