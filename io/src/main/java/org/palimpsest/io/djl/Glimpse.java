package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.palimpsest.io.internal.capture.Answers;

/**
 * Some values of what a layer answers to the first of the probes that are shown, evenly spaced, and
 * the sum of all.
 */
record Glimpse(double[] some, double sum) {

  /** What the recorder made of a layer; nothing of an empty one. */
  static Glimpse of(NDArray recorded) {
    double[] all = recorded.size() == 0 ? new double[1] : recorded.toDoubleArray();
    return new Glimpse(Arrays.copyOf(all, all.length - 1), all[all.length - 1]);
  }

  /** Whether the first probe was surely answered alike both times; if not, rounding may be why. */
  boolean isAs(Glimpse other) {
    double largest = Arrays.stream(some).map(Math::abs).max().orElse(0);
    return some.length > 0
        && Answers.areSame(some, other.some)
        && Math.abs(sum - other.sum) <= Answers.SAME * largest;
  }
}
