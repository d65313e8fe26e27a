package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The spectrum of random matrices: location and scale of the largest singular value and of the
 * effective rank are simulated, the shape of their distributions is taken from theory.
 *
 * <p>The largest singular value follows the Tracy-Widom law of order 1, here as the shifted gamma
 * distribution that Chiani 2014 gives for it (Journal of Multivariate Analysis 129, 69–81); the
 * effective rank, a smooth function of all singular values, a normal law, so that a value beside S
 * simulated ones is judged by Student's t with S − 1 degrees of freedom.
 */
final class SpectrumNull {

  private static final double SHAPE = 46.446;
  private static final GammaDistribution TRACY_WIDOM = GammaDistribution.of(SHAPE, 1);

  /** What half precision leaves of equal singular values. */
  private static final double ROUNDING = 1e-3;

  private final int simulations;
  private final double largestMean;
  private final double largestSd;
  private final double rankMean;
  private final double rankSd;
  private final TDistribution student;

  SpectrumNull(List<FilterSpectrum> simulated) {
    this(
        simulated.size(),
        simulated.stream().mapToDouble(FilterSpectrum::largest).toArray(),
        simulated.stream().mapToDouble(FilterSpectrum::effectiveRank).toArray());
  }

  private SpectrumNull(int simulations, double[] largest, double[] ranks) {
    this(simulations, mean(largest), sd(largest), mean(ranks), sd(ranks));
  }

  private SpectrumNull(
      int simulations, double largestMean, double largestSd, double rankMean, double rankSd) {
    this.simulations = simulations;
    this.largestMean = largestMean;
    this.largestSd = largestSd;
    this.rankMean = rankMean;
    this.rankSd = rankSd;
    this.student = TDistribution.of(simulations - 1.0);
  }

  /** Of m × d orthogonal matrices, all of whose singular values are equal but for rounding. */
  static SpectrumNull ofEqualValues(int m, int d) {
    double largest = Math.sqrt(Math.max(m, d)) / (Math.sqrt(m) + Math.sqrt(d));
    double rank = Math.min(m, d);
    return new SpectrumNull(Integer.MAX_VALUE, largest, ROUNDING * largest, rank, ROUNDING * rank);
  }

  /** This, differing from {@code from} as {@code to} does. */
  SpectrumNull moved(SpectrumNull from, SpectrumNull to) {
    return new SpectrumNull(
        simulations,
        largestMean + largestSd * (to.largestMean - from.largestMean) / from.largestSd,
        largestSd * to.largestSd / from.largestSd,
        rankMean + rankSd * (to.rankMean - from.rankMean) / from.rankSd,
        rankSd * to.rankSd / from.rankSd);
  }

  /** The value that the largest singular value stays below with the given probability. */
  double largestQuantile(double probability) {
    double standard =
        (TRACY_WIDOM.inverseCumulativeProbability(probability) - SHAPE) / Math.sqrt(SHAPE);
    return largestMean + largestSd * standard;
  }

  /** The probability of a largest singular value above the given one. */
  double largestUpperP(double value) {
    return TRACY_WIDOM.survivalProbability(standard(value));
  }

  double largestTwoSidedP(double value) {
    double below = TRACY_WIDOM.cumulativeProbability(standard(value));
    return Math.min(1, 2 * Math.min(below, largestUpperP(value)));
  }

  private double standard(double value) {
    return Math.max(0, SHAPE + Math.sqrt(SHAPE) * (value - largestMean) / largestSd);
  }

  double rankQuantile(double probability) {
    return rankMean + predictionSd() * student.inverseCumulativeProbability(probability);
  }

  double rankTwoSidedP(double value) {
    double t = Math.abs(value - rankMean) / predictionSd();
    return Math.min(1, 2 * student.cumulativeProbability(-t));
  }

  private double predictionSd() {
    return rankSd * Math.sqrt(1 + 1.0 / simulations);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double sd(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }
}
