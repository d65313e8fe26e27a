package org.palimpsest.reproduction.verdict;

import java.math.BigDecimal;

/** Where a figure lies if a claim is true. */
public sealed interface Rule {

  /** Above a threshold. */
  record Above(double threshold) implements Rule {

    @Override
    public boolean allowsAllOf(Bounds interval) {
      return interval.low() > threshold;
    }

    @Override
    public boolean allowsNoneOf(Bounds interval) {
      return interval.high() < threshold;
    }

    @Override
    public String words() {
      return "above " + Rule.number(threshold);
    }
  }

  /** Below a threshold. */
  record Below(double threshold) implements Rule {

    @Override
    public boolean allowsAllOf(Bounds interval) {
      return interval.high() < threshold;
    }

    @Override
    public boolean allowsNoneOf(Bounds interval) {
      return interval.low() > threshold;
    }

    @Override
    public String words() {
      return "below " + Rule.number(threshold);
    }
  }

  /** Between two thresholds. */
  record Between(double least, double most) implements Rule {

    @Override
    public boolean allowsAllOf(Bounds interval) {
      return interval.low() > least && interval.high() < most;
    }

    @Override
    public boolean allowsNoneOf(Bounds interval) {
      return interval.high() < least || interval.low() > most;
    }

    @Override
    public String words() {
      return "between " + Rule.number(least) + " and " + Rule.number(most);
    }
  }

  /** Whether every value of the interval agrees with the claim. */
  boolean allowsAllOf(Bounds interval);

  /** Whether no value of the interval agrees with the claim. */
  boolean allowsNoneOf(Bounds interval);

  /** For sentences: {@code above 0.9}. */
  String words();

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
