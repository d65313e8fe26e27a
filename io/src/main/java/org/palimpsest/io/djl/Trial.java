package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.palimpsest.io.internal.capture.Answers;

/**
 * What a look at a few probes told.
 *
 * @param size how many they were
 * @param type what the network wants its input in
 * @param shapes the shape of every layer's answer, by recorded name, in the order in which they ran
 * @param glimpses of every layer's answer to the last of them
 */
record Trial(int size, ScalarType type, Map<String, long[]> shapes, Map<String, Glimpse> glimpses) {

  static Trial of(int size, ScalarType type, Recording recording) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    Map<String, Glimpse> glimpses = new HashMap<>();
    for (int i = 0; i < recording.names().size(); i++) {
      shapes.put(recording.names().get(i), recording.shapes().get(i));
      glimpses.put(recording.names().get(i), Glimpse.of(recording.tensors().get(i)));
    }
    return new Trial(size, type, shapes, glimpses);
  }

  /** Which dimension of a layer's answer is the probes', as far as this trial can tell. */
  SampleAxis axis(String name) {
    long[] shape = shapes.get(name);
    return shape == null ? SampleAxis.NONE : SampleAxis.among(shape, size);
  }

  /**
   * Whether a layer's answer to the last probe has nothing to do with the probes beside it, judged
   * by a trial with another number of them.
   */
  boolean answersLastAs(Trial other, String name) {
    Glimpse one = glimpses.get(name);
    Glimpse two = other.glimpses.get(name);
    return size != other.size && one != null && two != null && one.isAs(two);
  }

  /**
   * Some values of what a layer answers to the last of the probes that are shown, evenly spaced,
   * and the sum of all.
   */
  record Glimpse(double[] some, double sum) {

    /** What the recorder made of a layer; nothing of an empty one. */
    static Glimpse of(NDArray recorded) {
      double[] all = recorded.size() == 0 ? new double[1] : recorded.toDoubleArray();
      return new Glimpse(Arrays.copyOf(all, all.length - 1), all[all.length - 1]);
    }

    /** Whether the probe was surely answered alike both times; if not, rounding may be why. */
    boolean isAs(Glimpse other) {
      double largest = Arrays.stream(some).map(Math::abs).max().orElse(0);
      return some.length > 0
          && Answers.areSame(some, other.some)
          && Math.abs(sum - other.sum) <= Answers.SAME * largest;
    }
  }
}
