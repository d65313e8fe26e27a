package org.palimpsest.similarity.internal.pairwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The median by selection against the middle of the sorted n² entries. */
class TriangleMedianTest {

  @Property(tries = 200)
  void isTheMiddleOfAllEntriesOfSmallMatrices(
      @ForAll @IntRange(min = 2, max = 30) int n,
      @ForAll @IntRange(min = 1, max = 50) int levels,
      @ForAll long seed) {
    assertMedian(n, triangle(n, levels, seed));
  }

  @Property(tries = 8)
  void isTheMiddleOfAllEntriesOfLargeOnes(
      @ForAll @IntRange(min = 400, max = 500) int n,
      @ForAll @IntRange(min = 2, max = 100_000) int levels,
      @ForAll long seed) {
    assertMedian(n, triangle(n, levels, seed));
  }

  @Test
  void doesNotDependOnTheOrder() {
    double[] ascending = triangle(450, 1 << 30, 5);
    Arrays.sort(ascending);

    assertMedian(450, ascending);
  }

  @Test
  void countsTheZerosOfTheDiagonal() {
    double[] threePairs = {4, 2, 6};

    assertThat(TriangleValues.of(threePairs).medianOfSymmetricMatrix(3)).isEqualTo(2);
    assertThat(TriangleValues.of(new double[] {4}).medianOfSymmetricMatrix(2)).isEqualTo(2);
  }

  @Test
  void findsTheEndsOfAnOrderToo() {
    double[] values = triangle(450, 1 << 30, 9);
    double[] sorted = values.clone();
    Arrays.sort(sorted);

    for (int k : new int[] {0, 1, 300, 50_000, sorted.length - 2, sorted.length - 1}) {
      assertThat(TriangleValues.Median.smallest(TriangleValues.of(values), values.length, k))
          .isEqualTo(sorted[k]);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e290, 1e-300, 1e31, 0})
  void isExactOutsideTheRangeOfFloat32(double scale) {
    double[] values = triangle(450, 1 << 30, 7);
    Arrays.setAll(values, k -> values[k] * scale);

    assertMedian(450, values);
  }

  @Test
  void isExactWhereFloat32SeesNoDifference() {
    double[] values = triangle(450, 1 << 30, 8);
    Arrays.setAll(values, k -> 1 + values[k] * 1e-20);

    assertMedian(450, values);
  }

  private static void assertMedian(int n, double[] triangle) {
    double[] all = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        all[i * n + j] = i == j ? 0 : triangle[Triangle.index(n, i, j)];
      }
    }
    Arrays.sort(all);
    double median = n * n % 2 == 1 ? all[n * n / 2] : (all[n * n / 2 - 1] + all[n * n / 2]) / 2;

    double[] withRoom = Arrays.copyOf(triangle, triangle.length + n);
    assertThat(TriangleValues.of(withRoom).medianOfSymmetricMatrix(n)).isEqualTo(median);
  }

  private static double[] triangle(int n, int levels, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[(int) Triangle.size(n)];
    for (int k = 0; k < values.length; k++) {
      values[k] = random.nextInt(levels);
    }
    return values;
  }
}
