package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FilterProductsTest {

  private static double[] random(long seed, int count) {
    return Seeds.gaussians(new SplittableRandom(seed), count);
  }

  private static void assertHalfIsWhole(long seed, int rows, int columns) {
    double[] matrix = random(seed, rows * columns);
    double[] whole = FilterProducts.of(matrix, rows, matrix, rows, columns);
    assertThat(FilterProducts.smallerGram(matrix, rows, columns)).isEqualTo(whole);
  }

  @Property(tries = 50)
  void halfAGramMatrixHasTheBitsOfAWholeOne(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(max = 150) int more) {
    assertHalfIsWhole(seed, rows, rows + more);
  }

  @Example
  void soHasOneOfSeveralTiles() {
    assertHalfIsWhole(7, 520, 523);
  }

  @Property(tries = 100)
  void sumsHaveTheBitsOfAStream(@ForAll long seed, @ForAll @IntRange(max = 3000) int count) {
    double[] values = random(seed, count);
    assertThat(FilterProducts.sum(values, 0, count)).isEqualTo(Arrays.stream(values).sum());
    assertThat(FilterProducts.sum(values, count / 3, count))
        .isEqualTo(Arrays.stream(values, count / 3, count).sum());
  }
}
