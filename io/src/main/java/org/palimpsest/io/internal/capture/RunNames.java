package org.palimpsest.io.internal.capture;

import java.util.HashMap;
import java.util.Map;

/** Names the runs of layers: the second run of {@code relu} is {@code relu#2}. */
public final class RunNames {

  private final Map<String, Integer> runs = new HashMap<>();

  /** The name of the next run of the layer of this path. */
  public String next(String path) {
    int run = runs.merge(path, 1, Integer::sum);
    return run == 1 ? path : path + "#" + run;
  }
}
