package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;

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
 * draws from. {@code -Dfilternull.pairs=1000} simulates more pairs of layers, and prints the rates.
 */
class FilterNullCalibrationTest {

  private static final int USUAL_PAIRS = 60;
  private static final int PAIRS = Integer.getInteger("filternull.pairs", USUAL_PAIRS);

  /** So many rejections must be expected for their rate to tell anything. */
  private static final int FEWEST = 2;

  private static final List<Double> LEVELS = List.of(0.05, 0.01, 0.001);

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
    Stream<int[]> shapes =
        PAIRS > USUAL_PAIRS
            ? Stream.of(
                new int[] {16, 1, 9},
                new int[] {16, 3, 9},
                new int[] {64, 1, 9},
                new int[] {512, 1, 9},
                new int[] {256, 1, 9},
                new int[] {256, 1, 49},
                new int[] {64, 3, 49},
                new int[] {32, 16, 9},
                new int[] {8, 64, 9},
                new int[] {64, 64, 1})
            : Stream.of(new int[] {64, 1, 9}, new int[] {12, 3, 9}, new int[] {48, 24, 1});
    return shapes.flatMap(
        shape -> Stream.of(Start.values()).map(start -> Arguments.of(start, shape)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void freshFiltersAreNearerThanChanceAtTheLevel(Start start, int[] shape) {
    FilterDistance distance = FilterDistance.by(FilterProximity.COSINE).withSimulations(199);
    int[][] rejected = new int[LEVELS.size()][2];
    for (int i = 0; i < PAIRS; i++) {
      FilterComparison.Chance chance =
          distance
              .compare(fresh(start, shape, 2L * i), fresh(start, shape, 2L * i + 1))
              .chance()
              .orElseThrow();
      for (int level = 0; level < LEVELS.size(); level++) {
        rejected[level][0] += chance.nearestOfA().p() < LEVELS.get(level) ? 1 : 0;
        rejected[level][1] += chance.matching().p() < LEVELS.get(level) ? 1 : 0;
      }
    }
    if (PAIRS > USUAL_PAIRS) {
      System.out.println(line(start, shape, rejected));
    }

    for (int level = 0; level < LEVELS.size() && PAIRS * LEVELS.get(level) >= FEWEST; level++) {
      double allowed = LEVELS.get(level) + Binomial.tolerance(LEVELS.get(level), PAIRS);
      for (int count : rejected[level]) {
        assertThat((double) count / PAIRS).as(line(start, shape, rejected)).isLessThan(allowed);
      }
    }
  }

  private static FilterBank fresh(Start start, int[] shape, long seed) {
    int side = (int) Math.round(Math.sqrt(shape[2]));
    double[] values = start.draw(shape[0], shape[1] * shape[2], new SplittableRandom(1000 + seed));
    return FilterBank.ofRows("layer", shape[0], List.of(side, side), values);
  }

  private static String line(Start start, int[] shape, int[][] rejected) {
    StringBuilder line =
        new StringBuilder("%s %d×%d×%d".formatted(start, shape[0], shape[1], shape[2]));
    for (int level = 0; level < LEVELS.size(); level++) {
      line.append(
          ", below %s: nearest %.4f matched %.4f"
              .formatted(
                  LEVELS.get(level),
                  (double) rejected[level][0] / PAIRS,
                  (double) rejected[level][1] / PAIRS));
    }
    return line.toString();
  }
}
