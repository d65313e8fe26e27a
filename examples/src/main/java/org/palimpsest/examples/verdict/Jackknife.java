package org.palimpsest.examples.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The uncertainty of a figure that rests on pairs of networks, such as the mean similarity within a
 * group: pairs that share a network are not independent, networks are, so one network at a time is
 * left out.
 *
 * <p>The variances of groups add up; the degrees of freedom are those of the smallest group (B.
 * Efron and C. Stein, The jackknife estimate of variance, Annals of Statistics 9, 1981).
 */
public final class Jackknife {

  private Jackknife() {}

  /**
   * The figure with its uncertainty.
   *
   * @param groups the names of the networks, by group; with fewer than three in a group there is no
   *     interval
   * @param figure the figure of given groups
   */
  public static Estimate of(
      List<List<String>> groups, ToDoubleFunction<List<List<String>>> figure) {
    double value = figure.applyAsDouble(groups);
    int networks = groups.stream().mapToInt(List::size).sum();
    int smallest = groups.stream().mapToInt(List::size).min().orElse(0);
    if (smallest < 3) {
      return new Estimate(value, Double.POSITIVE_INFINITY, 1, networks);
    }
    double variance = 0;
    for (int group = 0; group < groups.size(); group++) {
      variance += variance(groups, group, figure);
    }
    return new Estimate(value, Math.sqrt(variance), smallest - 1.0, networks);
  }

  private static double variance(
      List<List<String>> groups, int group, ToDoubleFunction<List<List<String>>> figure) {
    int n = groups.get(group).size();
    double[] values = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      List<String> rest = new ArrayList<>(groups.get(group));
      rest.remove(i);
      List<List<String>> changed = new ArrayList<>(groups);
      changed.set(group, rest);
      values[i] = figure.applyAsDouble(changed);
      mean += values[i] / n;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return squares * (n - 1) / n;
  }
}
