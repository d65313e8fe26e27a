package org.palimpsest.core.measure;

import java.util.Arrays;
import java.util.Optional;

/**
 * How the interval of a score is made. The label stands in tables and files beside the interval, so
 * that a reader can tell what was assumed; the units that vary are images, or batches of images.
 */
public enum IntervalMethod {
  /**
   * Each unit is left out once; the values without it, on the artanh scale, have the jackknife's
   * variance (n − 1)/n Σ (θ₍ᵢ₎ − mean)², and Student's quantile with n − 1 degrees of freedom gives
   * the ends (Efron and Tibshirani 1993, chapter 11). The artanh keeps the ends within (−1, 1).
   */
  JACKKNIFE_ARTANH("jackknife on the artanh scale"),
  /**
   * Each unit is left out once, around a centre without the bias that few units cause: the
   * jackknife's estimate of it, (n − 1)(mean of θ₍ᵢ₎ − θ), or an adjustment for ranks. With
   * positions as samples, for values that end at 1, this is done on the artanh scale, else on that
   * of the value, which may lie outside the interval.
   */
  CORRECTED_JACKKNIFE("corrected jackknife"),
  /**
   * Below, what was learnt on half of the units is worth on the other half; above, the value itself
   * and its standard error.
   */
  HELD_OUT_BRACKET("held-out bracket"),
  /** Percentiles of the values of units that are drawn with replacement. */
  BOOTSTRAP("bootstrap");

  private final String label;

  IntervalMethod(String label) {
    this.label = label;
  }

  /** The method of this label, if there is one. */
  public static Optional<IntervalMethod> labelled(String label) {
    return Arrays.stream(values()).filter(method -> method.label.equals(label)).findFirst();
  }

  /** For tables, such as {@code held-out bracket}. */
  public String label() {
    return label;
  }
}
