package org.palimpsest.io.djl;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a look at a few probes told.
 *
 * @param size how many they were
 * @param type what the network wants its input in
 * @param shapes the shape of every layer's answer, by recorded name, in the order in which they ran
 */
record Trial(int size, ScalarType type, Map<String, long[]> shapes) {

  static Trial of(int size, ScalarType type, Recording recording) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int i = 0; i < recording.names().size(); i++) {
      shapes.put(recording.names().get(i), recording.shapes().get(i));
    }
    return new Trial(size, type, shapes);
  }

  /** Which dimension of a layer's answer is the probes', as far as this trial can tell. */
  SampleAxis axis(String name) {
    long[] shape = shapes.get(name);
    return shape == null ? SampleAxis.NONE : SampleAxis.among(shape, size);
  }
}
