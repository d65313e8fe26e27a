package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;

/**
 * A variance that is a sum of independent parts, with degrees of freedom by Satterthwaite (1946,
 * doi:10.2307/3002019): ν = (Σ vᵢ)² / Σ (vᵢ² / νᵢ).
 */
public final class Variances {

  /** Values that differ by less than this share of the largest count as equal. */
  private static final double ROUNDING = 1e-9;

  private double sum;
  private double weighted;

  public void add(double variance, double degreesOfFreedom) {
    sum += variance;
    weighted += variance * variance / degreesOfFreedom;
  }

  /** The root of the sum. */
  public double standardError() {
    return Math.sqrt(sum);
  }

  public double degreesOfFreedom() {
    return sum * (sum / weighted);
  }

  /** The mean; NaN of no values. */
  public static double mean(double... values) {
    double mean = values.length == 0 ? Double.NaN : 0;
    for (double value : values) {
      mean += value / values.length;
    }
    return mean;
  }

  /** The sample variance, with n − 1. */
  public static double sample(double... values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }

  /** The jackknife's variance of values without one unit each: (n − 1)/n Σ (θ₍ᵢ₎ − mean)². */
  public static double jackknife(double... leftOut) {
    double n = leftOut.length;
    return (n - 1) * (n - 1) / n * sample(leftOut);
  }

  /** Whether nothing but rounding tells values apart. */
  public static boolean areEqual(double... values) {
    double least = Arrays.stream(values).min().orElse(0);
    double most = Arrays.stream(values).max().orElse(0);
    return most - least <= ROUNDING * Math.max(Math.abs(least), Math.abs(most));
  }

  public static double[] requireFinite(String what, double... values) {
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
  public static double requireThreshold(double threshold) {
    if (Double.isNaN(threshold)) {
      throw new PalimpsestException("A threshold is a number; it is NaN.");
    }
    return threshold;
  }

  public static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }
}
