package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * Filters of two fresh layers are nearer than chance as often as the level says, whatever the start
 * draws from: p-values are uniform. {@code benchmarks/run --filter-null} simulates more shapes and
 * pairs.
 */
class FilterNullCalibrationTest {

  private static final int PAIRS = 60;

  private static final double LEVEL = 0.05;

  /** Kolmogorov's distribution is above it in 1 of 1000. */
  private static final double AT_ONE_PER_MILLE = 1.949;

  private static final int DRAWS = 99;

  private enum Start {
    UNIFORM,
    NORMAL,
    TRUNCATED_NORMAL,
    ORTHOGONAL;

    double[] draw(int m, int d, SplittableRandom random) {
      return this == ORTHOGONAL
          ? Orthogonal.draw(m, d, random)
          : IntStream.range(0, m * d).mapToDouble(i -> weight(random)).toArray();
    }

    private double weight(SplittableRandom random) {
      double weight = this == UNIFORM ? 2 * random.nextDouble() - 1 : random.nextGaussian();
      return this == TRUNCATED_NORMAL && Math.abs(weight) > 2 ? weight(random) : weight;
    }
  }

  static Stream<Arguments> layers() {
    return Stream.of(new int[] {64, 1, 9}, new int[] {12, 3, 9}, new int[] {48, 24, 1})
        .flatMap(shape -> Stream.of(Start.values()).map(start -> Arguments.of(start, shape)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void freshFiltersAreNearerThanChanceAtTheLevel(Start start, int[] shape) {
    double[] nearest = new double[PAIRS];
    double[] matched = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      NetworkFilterComparison.Layer.Chance chance =
          FilterDistance.by(FilterDistance.Proximity.COSINE)
              .withSimulations(DRAWS)
              .withSeed(i)
              .compare(fresh(start, shape, 2L * i), fresh(start, shape, 2L * i + 1))
              .chance()
              .orElseThrow();
      nearest[i] = chance.nearestOfA().p();
      matched[i] = chance.matching().p();
    }
    requireUniform(nearest);
    requireUniform(matched);
  }

  private static void requireUniform(double[] p) {
    assertThat(
            (double) Arrays.stream(p).filter(one -> one < LEVEL + 0.5 / DRAWS).count() / p.length)
        .isLessThan(LEVEL + Binomial.tolerance(LEVEL, PAIRS));
    assertThat(fromUniform(p) * Math.sqrt(PAIRS)).isLessThan(AT_ONE_PER_MILLE);
  }

  /**
   * The distance of Kolmogorov and Smirnov, from numbers of which each stands for 1 of the draws.
   */
  private static double fromUniform(double[] p) {
    double[] sorted = Arrays.stream(p).sorted().toArray();
    double most = 0;
    for (int i = 0; i < sorted.length; i++) {
      double above = (i + 1.0) / sorted.length - sorted[i];
      double below = sorted[i] - 1.0 / (DRAWS + 1) - i / (double) sorted.length;
      most = Math.max(most, Math.max(above, below));
    }
    return most;
  }

  private static FilterBank fresh(Start start, int[] shape, long seed) {
    int side = (int) Math.round(Math.sqrt(shape[2]));
    double[] values = start.draw(shape[0], shape[1] * shape[2], new SplittableRandom(1000 + seed));
    return FilterBank.ofRows("layer", shape[0], List.of(side, side), values);
  }
}
