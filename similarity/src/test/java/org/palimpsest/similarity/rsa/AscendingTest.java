package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.Ties;
import org.palimpsest.similarity.rsa.DistanceRanks.Ascending;

/** Sorts and ranks of many numbers, however they are spread, against those of the JDK. */
class AscendingTest {

  private static final Representation.Info INFO =
      new Representation.Info("conv", 10, 3, 1, Fingerprint.unknown(), "flatten");

  /** How numbers are spread. */
  enum Spread {
    EVEN(SplittableRandom::nextDouble),
    FEW_LEVELS(random -> random.nextInt(7) / 3.0),
    ONE(random -> 0.1),
    ZEROS(random -> random.nextBoolean() ? 0.0 : -0.0),
    ALL_MAGNITUDES(random -> Math.abs(Double.longBitsToDouble(random.nextLong() >>> 2))),
    /** Most of them in one bin, so that this is divided again. */
    ONE_BIN_AND_ITS_OPPOSITES(
        random ->
            switch (random.nextInt(1000)) {
              case 0 -> 0;
              case 1 -> Double.MAX_VALUE;
              case 2 -> Double.MIN_VALUE;
              default -> 1 + random.nextInt(3000) * 1e-13;
            }),
    NEAR_TIES(random -> (1 + random.nextInt(50)) * (1 + random.nextInt(4) * 0x1p-42));

    private final ToDoubleFunction<SplittableRandom> number;

    Spread(ToDoubleFunction<SplittableRandom> number) {
      this.number = number;
    }

    double[] numbers(int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return IntStream.range(0, count).mapToDouble(k -> number.applyAsDouble(random)).toArray();
    }
  }

  @Property(tries = 300)
  void fewNumbersAreInOrder(
      @ForAll Spread spread, @ForAll @IntRange(min = 1, max = 3000) int count, @ForAll long seed) {
    requireSorted(spread.numbers(count, seed));
  }

  @ParameterizedTest
  @EnumSource
  void manyNumbersAreInOrder(Spread spread) {
    requireSorted(spread.numbers(300_000, 3));
  }

  private static void requireSorted(double[] numbers) {
    Ascending ascending = Ascending.of(numbers, INFO);
    int[] expected =
        IntStream.range(0, numbers.length)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> numbers[k] + 0.0))
            .mapToInt(k -> k)
            .toArray();

    assertThat(ascending.places()).isEqualTo(expected);
    assertThat(ascending.values())
        .isEqualTo(Arrays.stream(expected).mapToDouble(k -> numbers[k]).toArray());
  }

  @ParameterizedTest
  @EnumSource
  void ranksAreThoseOfGroupsOfTies(Spread spread) {
    requireRanks(spread.numbers(200_000, 4));
  }

  /** More than are ranked at once, so that groups begin in one piece and end in the next. */
  @Test
  void groupsThatReachOverPiecesAreOne() {
    requireRanks(Spread.FEW_LEVELS.numbers(2_200_000, 5));
    requireRanks(Spread.ONE.numbers(2_200_000, 6));
  }

  /** As it was done before: all sorted, groups found, and each number looked up. */
  private static void requireRanks(double[] numbers) {
    double[] sorted = numbers.clone();
    for (int k = 0; k < sorted.length; k++) {
      sorted[k] += 0.0;
    }
    Arrays.parallelSort(sorted);
    int[] twice = new int[sorted.length];
    for (int start = 0, end; start < sorted.length; start = end) {
      end = start + 1;
      while (end < sorted.length && Ties.tie(sorted[end - 1], sorted[end])) {
        end++;
      }
      Arrays.fill(twice, start, end, start + end + 1);
    }
    DistanceRanks ranks = DistanceRanks.of(numbers, INFO);
    int[] found = IntStream.range(0, numbers.length).map(ranks::twice).toArray();
    int[] expected =
        IntStream.range(0, numbers.length)
            .parallel()
            .map(k -> twice[Arrays.binarySearch(sorted, numbers[k] + 0.0)])
            .toArray();

    assertThat(found).isEqualTo(expected);
  }
}
