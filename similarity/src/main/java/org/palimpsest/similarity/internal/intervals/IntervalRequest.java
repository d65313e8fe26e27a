package org.palimpsest.similarity.internal.intervals;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * What is asked of an interval.
 *
 * @param level the share of intervals that are to hold the true value
 * @param draws how often units are drawn, where they are
 * @param seed of draws and divisions
 */
public record IntervalRequest(double level, int draws, long seed) {

  private static final double ROUNDING = 1e-6;

  /**
   * How many standard errors lie between the centre and an end, by Student's t distribution.
   *
   * @param degrees of freedom; one less than the units where each tells as much as any other
   */
  public double quantile(double degrees) {
    return TDistribution.of(degrees).inverseCumulativeProbability((1 + level) / 2);
  }

  /** How many draws there must be for the ends of the interval to lie between two of them. */
  public int fewestDraws() {
    return (int) Math.ceil(2 / (1 - level) - 1 - ROUNDING);
  }
}
