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
    ConfidenceInterval interval = estimate.interval().through(shown);
    return "%s (%s to %s)".formatted(value, of(interval.low()), of(interval.high()));
  }

  /** About two digits behind the point; open ends in words. */
  static String of(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "any height" : "any depth";
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
