package org.palimpsest.examples.verdict;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A figure and how far it may lie from what more networks would give.
 *
 * @param value the figure
 * @param standardError of the value; not finite if there are too few networks
 * @param degreesOfFreedom of Student's t
 * @param networks how many independent networks, or pairs of them, it rests on
 */
public record Estimate(double value, double standardError, double degreesOfFreedom, int networks) {

  private static final double LEVEL = 0.95;

  /** The mean of one value per network, with Student's interval. */
  public static Estimate ofMean(List<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    if (n < 2) {
      return new Estimate(mean, Double.POSITIVE_INFINITY, 1, n);
    }
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return new Estimate(mean, Math.sqrt(squares / (n - 1) / n), n - 1.0, n);
  }

  /** The mean of values minus the mean of as many others that belong to them one by one. */
  public static Estimate ofPairedDifference(List<Double> values, List<Double> others) {
    double[] differences = new double[values.size()];
    Arrays.setAll(differences, i -> values.get(i) - others.get(i));
    return ofMean(Arrays.stream(differences).boxed().toList());
  }

  /** The 95% interval. */
  public Interval interval() {
    return interval(LEVEL);
  }

  /**
   * Student's interval.
   *
   * @param level the share of experiments in which it holds the true value, such as 0.95
   */
  public Interval interval(double level) {
    if (!Double.isFinite(value) || !Double.isFinite(standardError)) {
      return Interval.UNKNOWN;
    }
    if (standardError == 0) {
      return new Interval(value, value);
    }
    double t = TDistribution.of(degreesOfFreedom).inverseCumulativeProbability((1 + level) / 2);
    return new Interval(value - t * standardError, value + t * standardError);
  }
}
