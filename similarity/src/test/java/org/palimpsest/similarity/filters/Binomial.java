package org.palimpsest.similarity.filters;

/** How far an observed rate may be from the true one. */
final class Binomial {

  private static final double DEVIATIONS = 3.3;

  private Binomial() {}

  /** 3.3 standard deviations, which one correct rate in a thousand exceeds. */
  static double tolerance(double rate, int count) {
    return DEVIATIONS * Math.sqrt(rate * (1 - rate) / count);
  }
}
