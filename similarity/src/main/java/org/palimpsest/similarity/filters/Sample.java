package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.weights.FilterBank;

/** All weights of a layer less their mean, and their central moments. */
final class Sample {

  private final FilterBank.Layout layout;
  private final double mean;
  private final double[] centred;
  private final double m2;
  private final double m3;
  private final double m4;

  private Sample(FilterBank bank) {
    layout = bank.layout();
    centred = bank.toArray();
    double sum = 0;
    for (double value : centred) {
      sum += value;
    }
    mean = sum / centred.length;
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (int i = 0; i < centred.length; i++) {
      centred[i] -= mean;
      double square = centred[i] * centred[i];
      second += square;
      third += square * centred[i];
      fourth += square * square;
    }
    requireRoom(fourth);
    m2 = second / centred.length;
    m3 = third / centred.length;
    m4 = fourth / centred.length;
  }

  private void requireRoom(double fourth) {
    double largest = largest();
    boolean isTooSmall = largest > 0 && Math.pow(largest, 4) < Double.MIN_NORMAL;
    if (!Double.isFinite(fourth) || isTooSmall) {
      throw new PalimpsestException(
          String.format(Locale.ROOT, "The weights of layer '%s' are too %s for their statistics: the fourth power of %.3g is beyond all numbers. Divide the network's weights by their size first.", layout.layer(), isTooSmall ? "small" : "large", largest));
    }
  }

  private double largest() {
    return Arrays.stream(centred).map(Math::abs).max().orElse(0);
  }

  static Sample of(FilterBank bank) {
    return new Sample(bank);
  }

  FilterBank.Layout layout() {
    return layout;
  }

  int count() {
    return centred.length;
  }

  /** The weights less their mean; not to be changed. */
  double[] centred() {
    return centred;
  }

  /** The weights themselves. */
  double[] weights() {
    double[] weights = centred.clone();
    for (int i = 0; i < weights.length; i++) {
      weights[i] += mean;
    }
    return weights;
  }

  double mean() {
    return mean;
  }

  /** Whether all weights are one value, but for rounding. */
  boolean isConstant() {
    return largest() <= 1e-12 * Math.abs(mean);
  }

  double sumOfSquares() {
    return m2 * centred.length;
  }

  /** Divisor N − 1. */
  double variance() {
    return sumOfSquares() / (centred.length - 1);
  }

  double skewness() {
    return m3 / (m2 * Math.sqrt(m2));
  }

  /** The fourth standardised moment, 3 for a Gaussian; divisor N. */
  double kurtosis() {
    return m4 / (m2 * m2);
  }
}
