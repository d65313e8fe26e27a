package org.palimpsest.similarity.filters;

import org.apache.commons.statistics.distribution.NormalDistribution;

/** The standard normal distribution. */
final class Gaussian {

  /** 97.5 of 100 values lie below. */
  static final double UPPER = 1.959963984540054;

  private static final NormalDistribution STANDARD = NormalDistribution.of(0, 1);

  private Gaussian() {}

  static double cdf(double z) {
    return STANDARD.cumulativeProbability(z);
  }

  /** The probability of a value at least as far from 0 as {@code z}. */
  static double twoSidedP(double z) {
    return Math.min(1, 2 * STANDARD.survivalProbability(Math.abs(z)));
  }
}
