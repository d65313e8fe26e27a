package org.palimpsest.reproduction.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that a network has learned: its parameters and running statistics.
 *
 * @param tensors by path, such as {@code enc1.conv1.weight}, each in C order; not to be changed
 */
public record NetworkState(Map<String, float[]> tensors) {

  public NetworkState {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }
}
