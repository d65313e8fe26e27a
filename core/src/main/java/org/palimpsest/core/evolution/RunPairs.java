package org.palimpsest.core.evolution;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The pairs of runs within a group or between two, and their mean. */
final class RunPairs {

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
  Figure meanWithInterval() {
    double mean = mean(ones(first.size()), ones(second.size()));
    if (first.size() < 2 || second.size() < 2 || count() < 2) {
      return Figure.of(mean, count());
    }
    double[] means = resampledMeans();
    int low = (int) Math.floor(TAIL * (means.length - 1));
    int high = (int) Math.ceil((1 - TAIL) * (means.length - 1));
    return Figure.of(mean, means[low], means[high], count()).withWarnings(tooNarrow());
  }

  private List<String> tooNarrow() {
    int runs = Math.min(first.size(), second.size());
    return runs < FEW_RUNS
        ? List.of(
            "The 95%% interval rests on %d runs and is too narrow: simulated ones hold the mean that more runs would come to in 52 of 100 cases with 3 runs, 81 with 5 and 90 with 10."
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
