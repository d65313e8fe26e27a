package org.palimpsest.io.runs;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a training run beside its checkpoints.
 *
 * @param role what it is an example of
 * @param scores how well it did by step, also at steps of which no checkpoint was kept
 */
public record RunFacts(RunRole role, SortedMap<Long, Double> scores) {

  public RunFacts {
    scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
  }

  static RunFacts of(RunRole role, Map<Long, Double> scores) {
    return new RunFacts(role, new TreeMap<>(scores));
  }
}
