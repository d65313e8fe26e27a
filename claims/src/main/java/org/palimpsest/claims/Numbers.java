package org.palimpsest.claims;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/**
 * Numbers for people. A figure and the ends of its interval have the same digits behind the point,
 * two digits of the interval's width; ends are rounded outward, so that what is printed holds what
 * was found.
 */
final class Numbers {

  private static final double SMALL = 0.0995;
  private static final double LARGE = 9.95;
  private static final double LEAST_P = 0.001;
  private static final int MOST = 3;
  private static final int USUAL = 2;

  private Numbers() {}

  /** A figure with its 95 % interval. */
  static String of(Estimate estimate) {
    return of(estimate, DoubleUnaryOperator.identity());
  }

  /** The same on another scale. */
  static String of(Estimate estimate, DoubleUnaryOperator shown) {
    OptionalDouble value =
        estimate.point().stream()
            .map(shown)
            .mapToObj(OptionalDouble::of)
            .findFirst()
            .orElse(OptionalDouble.empty());
    if (!estimate.isKnown()) {
      return value.isPresent() ? of(value.getAsDouble()) : "–";
    }
    return of(value, estimate.interval().through(shown));
  }

  /**
   * A figure with its interval: {@code 0.61 (0.35 to 0.87)}; {@code at least 0.35}; {@code between
   * 0.35 and 0.87}; {@code 0.61 (no interval)}.
   */
  static String of(OptionalDouble value, ConfidenceInterval interval) {
    boolean isOpen = Double.isInfinite(interval.low()) && Double.isInfinite(interval.high());
    if (value.isPresent()) {
      double figure = value.getAsDouble();
      return isOpen
          ? of(figure) + " (no interval)"
          : "%s (%s)"
              .formatted(fixed(figure, digits(interval), RoundingMode.HALF_EVEN), ends(interval));
    }
    if (isOpen) {
      return "not known (no interval)";
    }
    if (interval.isBounded()) {
      return "between " + low(interval) + " and " + high(interval);
    }
    return Double.isFinite(interval.low())
        ? "at least " + low(interval)
        : "at most " + high(interval);
  }

  private static String ends(ConfidenceInterval interval) {
    if (interval.isBounded()) {
      return low(interval) + " to " + high(interval);
    }
    return Double.isFinite(interval.low())
        ? low(interval) + ", no upper bound"
        : "no lower bound, " + high(interval);
  }

  /** The lower end, rounded down. */
  static String low(ConfidenceInterval interval) {
    return fixed(interval.low(), digits(interval), RoundingMode.FLOOR);
  }

  /** The upper end, rounded up. */
  static String high(ConfidenceInterval interval) {
    return fixed(interval.high(), digits(interval), RoundingMode.CEILING);
  }

  private static int digits(ConfidenceInterval interval) {
    double largest =
        DoubleStream.of(interval.low(), interval.high())
            .filter(Double::isFinite)
            .map(Math::abs)
            .max()
            .orElse(0);
    if (!interval.isBounded() || interval.width() == 0) {
      return digits(largest);
    }
    int ofWidth = 1 - (int) Math.floor(Math.log10(interval.width()));
    return Math.max(0, Math.min(ofWidth, largest >= LARGE ? 1 : MOST));
  }

  private static int digits(double size) {
    return size >= LARGE ? 1 : size < SMALL ? MOST : USUAL;
  }

  /** About two digits behind the point; none of an integer. */
  static String of(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    int digits = value == Math.rint(value) ? 0 : digits(Math.abs(value));
    return fixed(value, digits, RoundingMode.HALF_EVEN);
  }

  /** A p value behind its name, {@code = 0.012}: one that would be printed as 0 is not 0. */
  static String equalTo(double p) {
    return p < LEAST_P ? "< " + LEAST_P : "= " + of(p);
  }

  /** A number without zeros at the end, as one writes a threshold. */
  static String threshold(double value) {
    String text = of(value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  private static String fixed(double value, int digits, RoundingMode mode) {
    return BigDecimal.valueOf(value).setScale(digits, mode).toPlainString().replace('-', '−');
  }
}
