package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One row of a table of statistics of weights.
 *
 * @param layer the layer, or the tensor if it has no filters
 * @param filter which filter of the layer; empty if the statistic is about the whole layer
 * @param statistic what the statistic is, in snake case, such as {@code relative_change}
 * @param value the statistic, never NaN
 * @param low the lower end of what chance gives in 95 of 100 cases, if there is a null
 * @param high the upper end of the same
 * @param p the p-value against that null
 * @param correctedP the p-value corrected for the number of layers tested
 * @param n the number of weights (or filters, where the statistic is a mean over filters) behind it
 */
public record WeightStatistic(
    String layer,
    OptionalInt filter,
    String statistic,
    double value,
    OptionalDouble low,
    OptionalDouble high,
    OptionalDouble p,
    OptionalDouble correctedP,
    long n) {

  /**
   * A statistic of a whole layer without a null.
   *
   * @param n how many weights it rests on
   */
  public static WeightStatistic ofLayer(String layer, String statistic, double value, long n) {
    return plain(layer, OptionalInt.empty(), statistic, value, n);
  }

  /**
   * A statistic of one filter without a null.
   *
   * @param filter its index among the layer's output channels, from 0
   * @param n how many weights it rests on
   */
  public static WeightStatistic ofFilter(
      String layer, int filter, String statistic, double value, long n) {
    return plain(layer, OptionalInt.of(filter), statistic, value, n);
  }

  private static WeightStatistic plain(
      String layer, OptionalInt filter, String statistic, double value, long n) {
    OptionalDouble none = OptionalDouble.empty();
    return new WeightStatistic(layer, filter, statistic, value, none, none, none, none, n);
  }

  /** The same row with its p-value corrected. */
  public WeightStatistic withCorrectedP(OptionalDouble corrected) {
    return new WeightStatistic(layer, filter, statistic, value, low, high, p, corrected, n);
  }

  /** Takes named statistics and leaves out those that are not defined. */
  @FunctionalInterface
  interface Rows {

    void add(String statistic, double value);

    default void addIfPresent(String statistic, OptionalDouble value) {
      value.ifPresent(present -> add(statistic, present));
    }
  }
}
