package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** One measure of one layer for pairs of runs, whichever is named first. */
final class PairValues {

  private record Pair(String a, String b) {}

  private final Map<Pair, Double> values = new HashMap<>();
  private final Set<String> runs = new HashSet<>();

  void put(String a, String b, double value) {
    values.put(new Pair(a, b), value);
    values.put(new Pair(b, a), value);
    runs.add(a);
    runs.add(b);
  }

  boolean knows(String run) {
    return runs.contains(run);
  }

  OptionalDouble get(String a, String b) {
    Double value = values.get(new Pair(a, b));
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
