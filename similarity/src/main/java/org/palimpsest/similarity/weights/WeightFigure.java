package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One row of a table of figures about weights.
 *
 * @param layer the layer, or the tensor if it has no filters
 * @param filter which filter of the layer; empty if the figure is about the whole layer
 * @param statistic what the figure is, in snake case, such as {@code relative_change}
 * @param value the figure, never NaN
 * @param low the lower end of what chance gives in 95 of 100 cases, if there is a null
 * @param high the upper end of the same
 * @param p the p-value against that null
 * @param correctedP the p-value corrected for the number of layers tested
 * @param n the number of weights (or filters, where the figure is a mean over filters) behind it
 */
public record WeightFigure(
    String layer,
    OptionalInt filter,
    String statistic,
    double value,
    OptionalDouble low,
    OptionalDouble high,
    OptionalDouble p,
    OptionalDouble correctedP,
    long n) {

  /** A figure of a whole layer without a null. */
  public static WeightFigure ofLayer(String layer, String statistic, double value, long n) {
    return plain(layer, OptionalInt.empty(), statistic, value, n);
  }

  /** A figure of one filter without a null. */
  public static WeightFigure ofFilter(
      String layer, int filter, String statistic, double value, long n) {
    return plain(layer, OptionalInt.of(filter), statistic, value, n);
  }

  private static WeightFigure plain(
      String layer, OptionalInt filter, String statistic, double value, long n) {
    OptionalDouble none = OptionalDouble.empty();
    return new WeightFigure(layer, filter, statistic, value, none, none, none, none, n);
  }

  /** The same row with its p-value corrected. */
  public WeightFigure withCorrectedP(OptionalDouble corrected) {
    return new WeightFigure(layer, filter, statistic, value, low, high, p, corrected, n);
  }
}
