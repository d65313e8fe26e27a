package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

class FilterMosaicTest {

  @TempDir private Path folder;

  private static double[][][][] filters(long seed, long... shape) {
    int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    Random random = new Random(seed);
    return FilterMosaic.kernels(
        DoubleStream.generate(random::nextGaussian).limit(count).toArray(), shape);
  }

  private static FilterMosaic mosaic(long... shape) {
    return FilterMosaic.of("Filters of enc1.0 before and after training")
        .withDetail("random/seed0")
        .withFilters("before", filters(1, shape))
        .withFilters("after", filters(2, shape));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8,1,3,3", "32,16,3,3", "64,3,7,7", "16,8,3,3,3", "1,16", "4,2,1,1"})
  void filtersOfAnyShapeAreDrawn(String shape) {
    long[] axes = Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
    Drawn.of(mosaic(axes).draw(), folder, "mosaic_" + shape.replace(',', 'x'));
  }

  @Test
  void aReaderLearnsHowManyFiltersThereAreAndOnWhichScale() {
    assertThat(Drawn.of(mosaic(32, 16, 3, 3).draw(), folder, "rows").texts())
        .contains("before", "after", "weight")
        .anyMatch(t -> t.contains("a row per filter (the first 16 of 32)"))
        .anyMatch(t -> t.contains("one scale for all tiles"));
    assertThat(Drawn.of(mosaic(8, 1, 3, 3).withOwnScales().draw(), folder, "tiles").texts())
        .doesNotContain("weight")
        .anyMatch(t -> t.contains("a tile per filter (8), 3 × 3 weights"))
        .anyMatch(t -> t.contains("each tile on its own scale"));
  }

  @Test
  void theMiddleSliceOfAVolumeIsShown() {
    double[] weights = DoubleStream.iterate(0, i -> i < 27, i -> i + 1).toArray();
    assertThat(FilterMosaic.kernels(weights, 1, 1, 3, 3, 3)[0][0])
        .isDeepEqualTo(new double[][] {{9, 10, 11}, {12, 13, 14}, {15, 16, 17}});
  }

  @Test
  void kernelsKeepFilterChannelRowAndColumn() {
    double[] weights = DoubleStream.iterate(0, i -> i < 24, i -> i + 1).toArray();
    double[][][][] kernels = FilterMosaic.kernels(weights, 2, 3, 2, 2);
    assertThat(kernels[1][2]).isDeepEqualTo(new double[][] {{20, 21}, {22, 23}});
    assertThat(FilterMosaic.kernels(weights, 4, 6)[3][5]).isDeepEqualTo(new double[][] {{23}});
  }

  @Test
  void whatIsNotAFilterIsRefused() {
    assertThatThrownBy(() -> FilterMosaic.kernels(new double[8], 8))
        .hasMessageContaining("[8] is not that of filters");
    assertThatThrownBy(() -> mosaic(1, 1, 1, 1).withFilters("none", new double[0][][][]))
        .hasMessageContaining("no filters");
    assertThatThrownBy(() -> FilterMosaic.of("none").draw())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no filters");
  }

  /** Missing weights were drawn as zeros, those beyond the shape left out. */
  @Test
  void weightsOfAnotherNumberAreRefused() {
    for (int count : new int[] {0, 3, 7, 9}) {
      assertThatThrownBy(() -> FilterMosaic.kernels(new double[count], 2, 1, 2, 2))
          .isInstanceOf(PalimpsestException.class)
          .hasMessage(count + " weights are not those of filters of the shape [2, 1, 2, 2].");
    }
    assertThatThrownBy(() -> FilterMosaic.kernels(new double[0], 2, 1, 0, 2))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> FilterMosaic.kernels(new double[6], 2, 1, 3))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void filtersOfSeveralSizesAreRefused() {
    for (double[][][][] odd :
        List.of(
            new double[][][][] {{{{1}}, {{2}}}, {{{1}}}},
            new double[][][][] {{{{1, 2}, {1}}}},
            new double[][][][] {{{{1}}}, {{{1, 2}}}},
            new double[][][][] {{{}}},
            new double[][][][] {{{{}}}},
            new double[0][][][])) {
      assertThatThrownBy(() -> FilterMosaic.of("t").withFilters("a", odd))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("filters");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void weightsBeyondAllReasonLeaveTheOthersTheirColours(boolean ownScales) throws IOException {
    double[][][][] wild = {{{{Double.NaN, Double.POSITIVE_INFINITY, 1e308, -1e308, 5e-324}}}};
    FilterMosaic mosaic = FilterMosaic.of("t").withFilters("a", wild);
    Drawn.of((ownScales ? mosaic.withOwnScales() : mosaic).draw(), folder, "wild");
    assertThat(Files.readString(folder.resolve("wild.svg"))).doesNotContain("NaN");
  }
}
