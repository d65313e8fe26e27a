package org.palimpsest.similarity.statistics;

import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;

/**
 * A variance that is a sum of independent parts, with degrees of freedom by Satterthwaite (1946,
 * doi:10.2307/3002019): ν = (Σ vᵢ)² / Σ (vᵢ² / νᵢ).
 */
final class Variances {

  /** Values that differ by less than this share of the largest count as equal. */
  private static final double ROUNDING = 1e-9;

  private double sum;
  private double weighted;

  void add(double variance, double degreesOfFreedom) {
    sum += variance;
    weighted += variance * variance / degreesOfFreedom;
  }

  Estimate estimate(double value, int units) {
    return new Estimate.Student(value, Math.sqrt(sum), sum * (sum / weighted), units);
  }

  /** The mean; NaN of no values. */
  static double mean(double... values) {
    double mean = values.length == 0 ? Double.NaN : 0;
    for (double value : values) {
      mean += value / values.length;
    }
    return mean;
  }

  /** The sample variance, with n − 1. */
  static double sample(double... values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }

  /** The jackknife's variance of values without one unit each: (n − 1)/n Σ (θ₍ᵢ₎ − mean)². */
  static double jackknife(double... leftOut) {
    double n = leftOut.length;
    return (n - 1) * (n - 1) / n * sample(leftOut);
  }

  /** Whether nothing but rounding tells values apart. */
  static boolean areEqual(double... values) {
    double least = Arrays.stream(values).min().orElse(0);
    double most = Arrays.stream(values).max().orElse(0);
    return most - least <= ROUNDING * Math.max(Math.abs(least), Math.abs(most));
  }

  static double[] requireFinite(String what, double... values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new PalimpsestException(
            "%s must be finite numbers; one of the %s is %s. Leave out a network only for a reason that was fixed before."
                .formatted(what, values.length, value));
      }
    }
    return values.clone();
  }

  /** A value that lies neither above nor below a threshold must not pass for one that does. */
  static double requireThreshold(double threshold) {
    if (Double.isNaN(threshold)) {
      throw new PalimpsestException("A threshold is a number; it is NaN.");
    }
    return threshold;
  }

  static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }
}
