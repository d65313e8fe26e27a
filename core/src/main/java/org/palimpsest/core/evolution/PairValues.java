package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * One measure of one layer for pairs of runs, whichever is named first: the mean of both
 * directions.
 */
final class PairValues {

  private record Pair(String a, String b) {}

  private final Map<Pair, Double> values = new HashMap<>();
  private final Set<String> runs = new HashSet<>();

  void putBothWays(String a, String b, double value) {
    put(a, b, value);
    put(b, a, value);
  }

  void put(String a, String b, double value) {
    values.put(new Pair(a, b), value);
    runs.add(a);
    runs.add(b);
  }

  boolean knows(String run) {
    return runs.contains(run);
  }

  OptionalDouble get(String a, String b) {
    Double there = values.get(new Pair(a, b));
    Double back = values.get(new Pair(b, a));
    if (there == null || back == null) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(there.equals(back) ? there : (there + back) / 2);
  }
}
