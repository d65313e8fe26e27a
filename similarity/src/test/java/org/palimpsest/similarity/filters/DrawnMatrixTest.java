package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.filters.NetworkFilterComparison.SimulatedFilters;
import org.palimpsest.similarity.weights.FilterBank;

/** Starts draw transposed convolutions by input channels, whatever a filter is taken for. */
class DrawnMatrixTest {

  private static final int IN = 12;
  private static final int OUT = 6;
  private static final int SIDE = 2;

  private static FilterBank orthogonalTransposed(long seed) {
    double[] drawn = Orthogonal.draw(IN, OUT * SIDE * SIDE, new SplittableRandom(seed));
    INDArray stored = Nd4j.createFromArray(drawn).reshape('c', IN, OUT, SIDE, SIDE);
    return FilterBank.of("up", LayerKind.TRANSPOSED_CONVOLUTION, stored);
  }

  @Test
  void orthogonalTransposedConvolutionsAreRecognised() {
    FilterBank bank = orthogonalTransposed(1);

    assertThat(Orthogonal.is(bank.toArray(), bank.filters(), bank.weightsPerFilter())).isFalse();
    assertThat(DrawnMatrix.of(bank.layout()).isOrthogonal(bank.toArray())).isTrue();
  }

  @Test
  void twoOfThemAreHeldAgainstOthersThatWereDrawnSo() {
    FilterBank a = orthogonalTransposed(1);
    FilterBank b = orthogonalTransposed(2);

    FilterDistance.FilterNull chance =
        FilterDistance.FilterNull.of(
            a,
            UnitFilters.of(a, FilterDistance.Proximity.COSINE),
            b,
            UnitFilters.of(b, FilterDistance.Proximity.COSINE),
            FilterDistance.Proximity.COSINE);

    assertThat(chance.chance()).isEqualTo(SimulatedFilters.ORTHOGONAL);
    assertThat(chance.draw(1, 1)).isNotNull();
  }

  @Test
  void groupsAreArrangedAndBack() {
    DrawnMatrix matrix = new DrawnMatrix(2, 3, 5, 4);
    double[] filters = new SplittableRandom(3).doubles(2 * 3 * 5 * 4).toArray();

    assertThat(matrix.toFilters(matrix.ofFilters(filters))).isEqualTo(filters);
    assertThat(matrix.ofFilters(filters)).isNotEqualTo(filters);
  }
}
