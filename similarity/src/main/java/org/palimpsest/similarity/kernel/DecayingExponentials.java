package org.palimpsest.similarity.kernel;

import java.util.stream.IntStream;

/**
 * exp(−x) of many numbers by products and sums alone, of which the compiler makes vector
 * instructions: six times as fast as {@link Math#exp}.
 *
 * <p>A polynomial gives exp(−x / 1024), and ten squarings the rest. The relative error is below
 * 1e-12 for x up to 60; beyond, where exp(−x) is below 1e-26, it grows, and what is below 1e-300
 * stays about there.
 */
final class DecayingExponentials {

  private static final double HALVINGS = 1024;

  /** Of x / 1024; the polynomial turns up again further on. */
  private static final double LARGEST = 690 / HALVINGS;

  /** A piece stays in the cache between the two loops. */
  private static final int PIECE = 1 << 10;

  private DecayingExponentials() {}

  /** Replaces the first values, none negative, by exp(−value / divisor). */
  static void apply(double[] values, int count, double divisor) {
    double factor = 1 / divisor / HALVINGS;
    IntStream.range(0, (count + PIECE - 1) / PIECE)
        .parallel()
        .forEach(
            piece -> {
              int from = piece * PIECE;
              int to = Math.min(count, from + PIECE);
              expand(values, from, to, factor);
              raise(values, from, to);
            });
  }

  private static void expand(double[] values, int from, int to, double factor) {
    for (int k = from; k < to; k++) {
      double x = Math.min(values[k] * factor, LARGEST);
      double eighth = 1 - x * (1.0 / 7) * (1 - x * (1.0 / 8));
      double fifth = 1 - x * (1.0 / 5) * (1 - x * (1.0 / 6) * eighth);
      values[k] = 1 - x * (1 - x * (1.0 / 2) * (1 - x * (1.0 / 3) * (1 - x * (1.0 / 4) * fifth)));
    }
  }

  /** To the power 1024. */
  private static void raise(double[] values, int from, int to) {
    for (int k = from; k < to; k++) {
      double power = values[k];
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      power *= power;
      values[k] = power * power;
    }
  }
}
