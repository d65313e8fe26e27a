package org.palimpsest.reproduction.verdict;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * A figure and how far it may lie from what more networks would give.
 *
 * @param value the figure
 * @param standardError of the value; not finite if there are too few networks
 * @param degreesOfFreedom of Student's t
 * @param networks how many independent networks, or pairs of them, it rests on
 */
public record StudentEstimate(
    double value, double standardError, double degreesOfFreedom, int networks) {

  private static final double LEVEL = 0.95;

  /** An estimate with the uncertainty that the library gives, if it gives one. */
  public static StudentEstimate of(Estimate estimate) {
    return estimate instanceof Estimate.Student student
        ? new StudentEstimate(
            student.value(), student.standardError(), student.degreesOfFreedom(), student.units())
        : unknown(estimate.point().orElse(Double.NaN), estimate.units());
  }

  /** A value of which it is not known how uncertain it is. */
  static StudentEstimate unknown(double value, int networks) {
    return new StudentEstimate(value, Double.POSITIVE_INFINITY, 1, networks);
  }

  /**
   * The mean of one value per network, with Student's interval; none of fewer than three networks,
   * if all values are equal, or if one is not known.
   */
  public static StudentEstimate ofMean(List<Double> values) {
    if (!values.stream().allMatch(Double::isFinite)) {
      return unknown(Double.NaN, values.size());
    }
    return of(
        WelchContrast.ofMean(values.stream().mapToDouble(Double::doubleValue).toArray())
            .estimate());
  }

  /** The mean of values minus the mean of as many others that belong to them one by one. */
  public static StudentEstimate ofPairedDifference(List<Double> values, List<Double> others) {
    double[] differences = new double[values.size()];
    Arrays.setAll(differences, i -> values.get(i) - others.get(i));
    return ofMean(Arrays.stream(differences).boxed().toList());
  }

  /** The 95% interval. */
  public Bounds interval() {
    return interval(LEVEL);
  }

  /**
   * Student's interval.
   *
   * @param level the share of experiments in which it holds the true value, such as 0.95
   */
  public Bounds interval(double level) {
    if (!Double.isFinite(value) || !Double.isFinite(standardError)) {
      return Bounds.UNKNOWN;
    }
    double t = TDistribution.of(degreesOfFreedom).inverseCumulativeProbability((1 + level) / 2);
    return new Bounds(value - t * standardError, value + t * standardError);
  }
}
