package org.palimpsest.claims;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.palimpsest.similarity.statistics.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Estimate;

/** Numbers for people. */
final class Numbers {

  private static final double SMALL = 0.0995;
  private static final double LARGE = 9.95;

  private Numbers() {}

  /** A figure with its 95 % interval. */
  static String of(Estimate estimate) {
    return of(estimate, DoubleUnaryOperator.identity());
  }

  /** The same on another scale. */
  static String of(Estimate estimate, DoubleUnaryOperator shown) {
    String value =
        estimate.point().isPresent()
            ? of(shown.applyAsDouble(estimate.point().getAsDouble()))
            : "–";
    if (!estimate.isKnown()) {
      return value;
    }
    return "%s (%s)".formatted(value, of(estimate.interval().through(shown)));
  }

  /** From one end to the other; ends that are open in words. */
  static String of(ConfidenceInterval interval) {
    if (interval.isBounded()) {
      return of(interval.low()) + " to " + of(interval.high());
    }
    String low = Double.isFinite(interval.low()) ? of(interval.low()) : "no lower bound";
    String high = Double.isFinite(interval.high()) ? of(interval.high()) : "no upper bound";
    return low + ", " + high;
  }

  /** About two digits behind the point. */
  static String of(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    String form = size >= LARGE ? "%.1f" : size < SMALL && size > 0 ? "%.3f" : "%.2f";
    String text = String.format(Locale.ROOT, form, value);
    return text.replaceFirst("(\\.\\d*?)0+$", "$1")
        .replaceFirst("\\.$", "")
        .replaceFirst("^-0$", "0")
        .replace("-", "−");
  }
}
