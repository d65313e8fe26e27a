package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Whether runs of one group are more alike among themselves than runs of another: a permutation
 * test over runs, exact while there are few divisions.
 */
final class GroupPermutation {

  private static final int MOST_DIVISIONS = 5000;
  private static final long SEED = 20060356L;
  private static final double ROUNDING = 1e-12;

  private final List<String> all = new ArrayList<>();
  private final int sizeOfFirst;
  private final PairValues values;
  private final double observed;

  GroupPermutation(List<String> first, List<String> second, PairValues values) {
    all.addAll(first);
    all.addAll(second);
    this.sizeOfFirst = first.size();
    this.values = values;
    this.observed = difference(first, second);
  }

  Figure difference() {
    return Figure.of(observed, all.size());
  }

  Figure pValue() {
    List<List<String>> divisions = divisions();
    long asLarge =
        divisions.stream()
            .filter(
                first -> Math.abs(difference(first, rest(first))) >= Math.abs(observed) - ROUNDING)
            .count();
    return Figure.of((double) asLarge / divisions.size(), divisions.size());
  }

  private List<String> rest(List<String> first) {
    List<String> rest = new ArrayList<>(all);
    rest.removeAll(first);
    return rest;
  }

  private double difference(List<String> first, List<String> second) {
    return mean(first) - mean(second);
  }

  private double mean(List<String> runs) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < runs.size(); i++) {
      for (int j = i + 1; j < runs.size(); j++) {
        var value = values.get(runs.get(i), runs.get(j));
        if (value.isPresent()) {
          sum += value.getAsDouble();
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  /** All divisions if they are few, else the observed one and random ones. */
  private List<List<String>> divisions() {
    List<List<String>> divisions = new ArrayList<>();
    if (binomial(all.size(), sizeOfFirst) <= MOST_DIVISIONS) {
      choose(0, new ArrayList<>(), divisions);
      return divisions;
    }
    divisions.add(all.subList(0, sizeOfFirst));
    Random random = new Random(SEED);
    while (divisions.size() < MOST_DIVISIONS) {
      List<String> shuffled = new ArrayList<>(all);
      Collections.shuffle(shuffled, random);
      divisions.add(List.copyOf(shuffled.subList(0, sizeOfFirst)));
    }
    return divisions;
  }

  private void choose(int from, List<String> chosen, List<List<String>> into) {
    if (chosen.size() == sizeOfFirst) {
      into.add(List.copyOf(chosen));
      return;
    }
    for (int i = from; i <= all.size() - (sizeOfFirst - chosen.size()); i++) {
      chosen.add(all.get(i));
      choose(i + 1, chosen, into);
      chosen.remove(chosen.size() - 1);
    }
  }

  private static double binomial(int n, int k) {
    double value = 1;
    for (int i = 1; i <= k; i++) {
      value = value * (n - k + i) / i;
    }
    return value;
  }
}
