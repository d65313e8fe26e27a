package org.palimpsest.similarity.streaming;

import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;

/**
 * Where products of batches go whose features are (u, a, 1): deviations, their squared norm, and
 * one.
 */
final class MomentSinks {

  private MomentSinks() {}

  /** Adds a layer's product with itself, of which the upper triangle is looked at. */
  static RowSink of(SideMoments known) {
    int p = known.width();
    double[] gram = known.gram().values();
    return (i, row, at) -> {
      if (i < p) {
        known.squaresTimes()[i] += row[at + p];
        known.sum()[i] += row[at + p + 1];
        add(row, at + i, gram, i * p + i, p - i);
      }
    };
  }

  /** Adds the product of two layers. */
  static RowSink of(CrossMoments known) {
    int p = known.squaresOfB().length;
    int q = known.squaresOfA().length;
    double[] products = known.products().values();
    return (i, row, at) -> {
      if (i < p) {
        known.squaresOfB()[i] += row[at + q];
        add(row, at, products, i * q, q);
      } else if (i == p) {
        add(row, at, known.squaresOfA(), 0, q);
      }
    };
  }

  /** Adds a stretch of values to a stretch of sums. */
  static void add(double[] values, int from, double[] sums, int to, int count) {
    for (int j = 0; j < count; j++) {
      sums[to + j] += values[from + j];
    }
  }
}
