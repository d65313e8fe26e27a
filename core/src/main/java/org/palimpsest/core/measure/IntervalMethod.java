package org.palimpsest.core.measure;

import java.util.Arrays;
import java.util.Optional;

/** How the interval of a score is made. */
public enum IntervalMethod {
  /** Each unit is left out once, and the values without it vary on the artanh scale. */
  JACKKNIFE_ARTANH("jackknife on the artanh scale"),
  /** The same, and the mean of the values without one unit corrects the centre. */
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
