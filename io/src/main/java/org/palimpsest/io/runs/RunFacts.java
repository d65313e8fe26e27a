package org.palimpsest.io.runs;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a training run beside its checkpoints: what the run is an example of, as {@code
 * run.json}, a study's file or the name of its folder says, and how well it did, as its log says.
 * Claims about transfer learning are judged by it.
 *
 * @param role what it is an example of
 * @param scores how well it did by step, such as its Dice coefficient, also at steps of which no
 *     checkpoint was kept; none if there is no log
 */
public record RunFacts(RunRole role, SortedMap<Long, Double> scores) {

  public RunFacts {
    scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
  }

  static RunFacts of(RunRole role, Map<Long, Double> scores) {
    return new RunFacts(role, new TreeMap<>(scores));
  }
}
