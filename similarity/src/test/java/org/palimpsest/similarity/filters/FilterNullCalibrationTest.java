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
 * draws from: p-values are uniform. {@code -Dfilternull.pairs=1000} simulates more shapes and pairs
 * of layers, and prints the rates and the distance from uniform p-values; {@code
 * -Dfilternull.shape=256x1x9} takes one shape alone.
 */
class FilterNullCalibrationTest {

  private static final int USUAL_PAIRS = 60;
  private static final int PAIRS = Integer.getInteger("filternull.pairs", USUAL_PAIRS);
  private static final String SHAPE = System.getProperty("filternull.shape", "");
  private static final boolean PRINTS = PAIRS != USUAL_PAIRS || !SHAPE.isEmpty();

  /** So many rejections must be expected for their rate to tell anything. */
  private static final int FEWEST = 2;

  private static final List<Double> LEVELS = List.of(0.05, 0.01, 0.001);

  /** Kolmogorov's distribution is above it in 1 of 100 and in 1 of 1000. */
  private static final double AT_ONE_PERCENT = 1.628;

  private static final double AT_ONE_PER_MILLE = 1.949;
  private static final int DRAWS = 199;

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
        PRINTS
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
    return shapes
        .filter(shape -> SHAPE.isEmpty() || SHAPE.equals(words(shape)))
        .flatMap(shape -> Stream.of(Start.values()).map(start -> Arguments.of(start, shape)));
  }

  private static String words(int[] shape) {
    return "%dx%dx%d".formatted(shape[0], shape[1], shape[2]);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void freshFiltersAreNearerThanChanceAtTheLevel(Start start, int[] shape) {
    double[] nearest = new double[PAIRS];
    double[] matched = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      NetworkFilterComparison.Layer.Chance chance =
          FilterDistance.by(FilterProximity.COSINE)
              .withSimulations(DRAWS)
              .withSeed(i)
              .compare(fresh(start, shape, 2L * i), fresh(start, shape, 2L * i + 1))
              .chance()
              .orElseThrow();
      nearest[i] = chance.nearestOfA().p();
      matched[i] = chance.matching().p();
    }
    for (double[] p : List.of(nearest, matched)) {
      String line = line(start, shape, p == nearest ? "nearest" : "matched", p);
      if (PRINTS) {
        System.out.println(line);
      }
      requireUniform(p, line);
    }
  }

  private static void requireUniform(double[] p, String line) {
    for (double level : LEVELS) {
      if (PAIRS * level >= FEWEST) {
        assertThat(rejected(p, level))
            .as(line)
            .isLessThan(level + Binomial.tolerance(level, PAIRS));
      }
    }
    assertThat(fromUniform(p) * Math.sqrt(PAIRS)).as(line).isLessThan(AT_ONE_PER_MILLE);
  }

  private static double rejected(double[] p, double level) {
    return Arrays.stream(p).filter(one -> one < level).count() / (double) p.length;
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

  private static String line(Start start, int[] shape, String which, double[] p) {
    StringBuilder line = new StringBuilder("%s %s %s".formatted(start, words(shape), which));
    LEVELS.forEach(level -> line.append(", below %s: %.4f".formatted(level, rejected(p, level))));
    return line.append(
            ", distance from uniform %.3f (1%% of %d: %.3f)"
                .formatted(fromUniform(p), p.length, AT_ONE_PERCENT / Math.sqrt(p.length)))
        .toString();
  }
}
