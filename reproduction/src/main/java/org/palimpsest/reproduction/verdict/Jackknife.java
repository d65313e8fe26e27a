package org.palimpsest.reproduction.verdict;

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

  /** A variance that rounding alone gives figures of about 1. */
  private static final double ROUNDING = 1e-20;

  private Jackknife() {}

  /**
   * The figure with its uncertainty.
   *
   * @param groups the names of the networks, by group; with fewer than three in a group there is no
   *     interval, and neither if no network makes a difference
   * @param figure the figure of given groups
   */
  public static StudentEstimate of(
      List<List<String>> groups, ToDoubleFunction<List<List<String>>> figure) {
    return of(groups, 0, figure);
  }

  /**
   * The same for a figure whose values per network are known to a resolution q, such as a share of
   * layers. A network's variance is at least q²/4, so that an interval has a width where all tie.
   */
  public static StudentEstimate of(
      List<List<String>> groups, double resolution, ToDoubleFunction<List<List<String>>> figure) {
    double value = figure.applyAsDouble(groups);
    int networks = groups.stream().mapToInt(List::size).sum();
    int smallest = groups.stream().mapToInt(List::size).min().orElse(0);
    if (smallest < 3) {
      return StudentEstimate.unknown(value, networks);
    }
    double variance = 0;
    for (int group = 0; group < groups.size(); group++) {
      double least = resolution * resolution / 4 / groups.get(group).size();
      double ofGroup = Math.max(least, variance(groups, group, figure));
      if (ofGroup <= ROUNDING) {
        return StudentEstimate.unknown(value, networks);
      }
      variance += ofGroup;
    }
    return new StudentEstimate(value, Math.sqrt(variance), smallest - 1.0, networks);
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
