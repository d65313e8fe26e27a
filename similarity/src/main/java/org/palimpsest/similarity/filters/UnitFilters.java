package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * Filters scaled to unit norm (and centred, for correlations), those without direction left out.
 */
final class UnitFilters {

  private static final double ROUNDING = 1e-10;

  private final double[] rows;
  private final int weights;
  private final int[] indices;
  private final List<Integer> dead;

  private UnitFilters(double[] rows, int weights, int[] indices, List<Integer> dead) {
    this.rows = rows;
    this.weights = weights;
    this.indices = indices;
    this.dead = dead;
  }

  static UnitFilters of(FilterBank bank, FilterDistance.Proximity proximity) {
    int d = bank.weightsPerFilter();
    List<double[]> alive = new ArrayList<>();
    List<Integer> indices = new ArrayList<>();
    List<Integer> dead = new ArrayList<>();
    for (int i = 0; i < bank.filters(); i++) {
      double[] filter = bank.filter(i);
      double before = norm(filter);
      double[] ready =
          proximity == FilterDistance.Proximity.CORRELATION
              ? FilterProducts.centre(filter, d)
              : filter;
      if (norm(ready) <= ROUNDING * before) {
        dead.add(i);
      } else {
        alive.add(FilterProducts.normalise(ready, d));
        indices.add(i);
      }
    }
    double[] rows = new double[alive.size() * d];
    for (int i = 0; i < alive.size(); i++) {
      System.arraycopy(alive.get(i), 0, rows, i * d, d);
    }
    return new UnitFilters(rows, d, indices.stream().mapToInt(i -> i).toArray(), dead);
  }

  /** Why nothing can be said of these filters, if none of them has a direction. */
  Optional<String> nothing(FilterDistance.Proximity proximity) {
    return count() > 0
        ? Optional.empty()
        : Optional.of(
            "All its %s filters are %s, so that their %s is not defined."
                .formatted(
                    dead.size(),
                    proximity == FilterDistance.Proximity.CORRELATION ? "constant" : "zero",
                    proximity.label()));
  }

  /** Rows scaled, and centred if wanted; none is left out. Changes the array. */
  static UnitFilters ofRows(double[] rows, int weights, boolean centred) {
    if (centred) {
      FilterProducts.centre(rows, weights);
    }
    FilterProducts.normalise(rows, weights);
    int[] indices = new int[rows.length / weights];
    Arrays.setAll(indices, i -> i);
    return new UnitFilters(rows, weights, indices, List.of());
  }

  /** The weights of these filters as they are in their layer, row-major. */
  double[] rowsOf(FilterBank bank) {
    double[] plain = new double[rows.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(bank.filter(indices[i]), 0, plain, i * weights, weights);
    }
    return plain;
  }

  /** The fourth moment of their weights less that of directions of which each is as probable. */
  double excessKurtosis() {
    double fourth = 0;
    for (double value : rows) {
      fourth += value * value * value * value;
    }
    return weights * (double) weights * fourth / rows.length - 3.0 * weights / (weights + 2.0);
  }

  private static double norm(double[] values) {
    double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    double squares = 0;
    for (double value : values) {
      squares += largest == 0 ? 0 : (value / largest) * (value / largest);
    }
    return largest * Math.sqrt(squares);
  }

  int count() {
    return indices.length;
  }

  /** The index in the layer of the given row. */
  int index(int row) {
    return indices[row];
  }

  List<Integer> dead() {
    return dead;
  }

  double[] products(UnitFilters other) {
    double[] products = FilterProducts.of(rows, count(), other.rows, other.count(), weights);
    for (int i = 0; i < products.length; i++) {
      products[i] = Math.max(-1, Math.min(1, products[i]));
    }
    return products;
  }

  /** Weight by weight, so that equal filters are at distance zero. */
  double distance(int row, UnitFilters other, int otherRow) {
    double squares = 0;
    for (int i = 0; i < weights; i++) {
      double difference = rows[row * weights + i] - other.rows[otherRow * weights + i];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }
}
