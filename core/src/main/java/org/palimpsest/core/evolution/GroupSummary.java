package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Sums up the comparisons of final networks: how alike are runs of one group, of two groups, and is
 * there a difference between the two?
 *
 * <p>A group is the runs of one initialisation. For each layer and measure there are three kinds of
 * rows:
 *
 * <ul>
 *   <li>the mean within a group or between two, with a 95% interval from a bootstrap over runs (not
 *       over pairs, which share runs and are not independent); n is the number of pairs;
 *   <li>{@code measure difference}: the mean within the first group minus the mean within the
 *       second; n is the number of runs;
 *   <li>{@code measure p_value}: how often a random division of these runs into two such groups
 *       makes a difference at least as large either way; n is the number of divisions tried.
 * </ul>
 *
 * <p>A measure that is not symmetric counts with the mean of both directions; measurements of
 * weights that are not are left out, and so are measurements that are p-values themselves. Nothing
 * depends on how runs are called or in which order they stand.
 */
final class GroupSummary {

  private static final String P_VALUE = " p_value";

  private record Subject(String layer, String measure) {}

  /** Runs of one initialisation that a subject is known of. */
  private record Group(String name, List<String> runs) {}

  private final Map<String, List<String>> runsByGroup = new LinkedHashMap<>();

  private final Map<Subject, PairValues> bySubject = new LinkedHashMap<>();

  /**
   * @param contentAtEnd what a run's last checkpoint holds, by which runs are ordered: resampled
   *     are those at certain places, which must not depend on names
   */
  GroupSummary(List<TrainingRun> runs, Function<TrainingRun, String> contentAtEnd) {
    runs.forEach(run -> runsByGroup.put(run.initialisation(), new ArrayList<>()));
    runs.stream()
        .sorted(Comparator.comparing(contentAtEnd))
        .forEach(
            run -> Objects.requireNonNull(runsByGroup.get(run.initialisation())).add(run.name()));
  }

  /** A measurement of one direction; that of the other is to come as well. */
  void add(EvolutionTable.Row row) {
    values(row).put(row.runA(), row.runB(), row.measurement().value());
  }

  /** A measurement that is the same in both directions. */
  void addSymmetric(EvolutionTable.Row row) {
    values(row).putBothWays(row.runA(), row.runB(), row.measurement().value());
  }

  private PairValues values(EvolutionTable.Row row) {
    return bySubject.computeIfAbsent(
        new Subject(row.layerA(), row.measure()), s -> new PairValues());
  }

  List<EvolutionTable.Row> rows() {
    List<EvolutionTable.Row> rows = new ArrayList<>();
    bySubject.forEach((subject, values) -> summarise(subject, values, rows));
    return rows;
  }

  private void summarise(Subject subject, PairValues values, List<EvolutionTable.Row> rows) {
    List<Group> groups = new ArrayList<>();
    runsByGroup.forEach(
        (name, runs) -> groups.add(new Group(name, runs.stream().filter(values::knows).toList())));
    for (int i = 0; i < groups.size(); i++) {
      Group first = groups.get(i);
      mean(subject, first, first, values, rows);
      for (Group second : groups.subList(i + 1, groups.size())) {
        mean(subject, first, second, values, rows);
        difference(subject, first, second, values, rows);
      }
    }
  }

  private static void mean(
      Subject subject,
      Group first,
      Group second,
      PairValues values,
      List<EvolutionTable.Row> rows) {
    RunPairs pairs = new RunPairs(first.runs(), second.runs(), first.equals(second), values);
    if (pairs.count() > 0) {
      rows.add(row(subject, "", first, second, pairs.meanWithInterval()));
    }
  }

  private static void difference(
      Subject subject,
      Group first,
      Group second,
      PairValues values,
      List<EvolutionTable.Row> rows) {
    if (first.runs().size() < 2 || second.runs().size() < 2) {
      return;
    }
    GroupPermutation test = new GroupPermutation(first.runs(), second.runs(), values);
    rows.add(row(subject, " difference", first, second, test.difference()));
    rows.add(row(subject, P_VALUE, first, second, test.pValue()));
  }

  private static EvolutionTable.Row row(
      Subject subject, String suffix, Group first, Group second, Measurement measurement) {
    return new EvolutionTable.Row(
        Study.View.GROUPS,
        first.name(),
        OptionalLong.empty(),
        subject.layer(),
        second.name(),
        OptionalLong.empty(),
        subject.layer(),
        subject.measure() + suffix,
        measurement);
  }

  /**
   * One measure of one layer for pairs of runs, whichever is named first: the mean of both
   * directions.
   */
  private static final class PairValues {

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

    /** The largest value, whatever its sign. */
    double largest() {
      return values.values().stream().mapToDouble(Math::abs).max().orElse(0);
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

  /** The pairs of runs within a group or between two, and their mean. */
  private static final class RunPairs {

    private static final int RESAMPLES = 2000;
    private static final double TAIL = 0.025;
    private static final long SEED = 20060356L;
    private static final int FEW_RUNS = 10;

    private final List<String> first;
    private final List<String> second;
    private final boolean within;
    private final PairValues values;

    RunPairs(List<String> first, List<String> second, boolean within, PairValues values) {
      this.first = first;
      this.second = second;
      this.within = within;
      this.values = values;
    }

    int count() {
      int count = 0;
      for (int i = 0; i < first.size(); i++) {
        for (int j = within ? i + 1 : 0; j < second.size(); j++) {
          count += values.get(first.get(i), second.get(j)).isPresent() ? 1 : 0;
        }
      }
      return count;
    }

    /** The mean over pairs with a bootstrap interval over runs, where there are enough runs. */
    Measurement meanWithInterval() {
      double mean = mean(ones(first.size()), ones(second.size()));
      if (first.size() < 2 || second.size() < 2 || count() < 2) {
        return Measurement.of(mean, count());
      }
      double[] means = resampledMeans();
      int low = (int) Math.floor(TAIL * (means.length - 1));
      int high = (int) Math.ceil((1 - TAIL) * (means.length - 1));
      return Measurement.of(mean, means[low], means[high], count()).withWarnings(tooNarrow());
    }

    private List<String> tooNarrow() {
      int runs = Math.min(first.size(), second.size());
      return runs < FEW_RUNS
          ? List.of(
              "The 95%% interval rests on %s runs and is too narrow: simulated ones hold the mean that more runs would come to in 52 of 100 cases with 3 runs, 81 with 5 and 90 with 10."
                  .formatted(runs))
          : List.of();
    }

    private double[] resampledMeans() {
      SplittableRandom random = new SplittableRandom(SEED);
      return Arrays.stream(new double[RESAMPLES])
          .map(
              unused -> {
                int[] a = resample(first.size(), random);
                return mean(a, within ? a : resample(second.size(), random));
              })
          .filter(Double::isFinite)
          .sorted()
          .toArray();
    }

    private static int[] ones(int size) {
      int[] counts = new int[size];
      Arrays.fill(counts, 1);
      return counts;
    }

    private static int[] resample(int size, SplittableRandom random) {
      int[] counts = new int[size];
      for (int i = 0; i < size; i++) {
        counts[random.nextInt(size)]++;
      }
      return counts;
    }

    /** NaN if a resample holds a single run of a group, which has no pair within. */
    private double mean(int[] a, int[] b) {
      double sum = 0;
      double weights = 0;
      for (int i = 0; i < first.size(); i++) {
        for (int j = within ? i + 1 : 0; j < second.size(); j++) {
          double weight = (double) a[i] * b[j];
          var value = values.get(first.get(i), second.get(j));
          if (weight > 0 && value.isPresent()) {
            sum += weight * value.getAsDouble();
            weights += weight;
          }
        }
      }
      return sum / weights;
    }
  }

  /**
   * Whether runs of one group are more alike among themselves than runs of another: a permutation
   * test over runs, exact while there are few divisions.
   */
  private static final class GroupPermutation {

    private static final int MOST_DIVISIONS = 5000;
    private static final long SEED = 20060356L;

    /** Differences that are apart by less than this share of the largest value are equal. */
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

    Measurement difference() {
      return Measurement.of(observed, all.size());
    }

    Measurement pValue() {
      List<List<String>> divisions = divisions();
      double least = Math.abs(observed) - ROUNDING * values.largest();
      long asLarge =
          divisions.stream()
              .filter(first -> Math.abs(difference(first, rest(first))) >= least)
              .count();
      return Measurement.of((double) asLarge / divisions.size(), divisions.size());
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
}
