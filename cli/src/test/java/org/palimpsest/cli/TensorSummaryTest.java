package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.core.weights.WeightTensor;

class TensorSummaryTest {

  /** Of 1, -2, 3 and 4: mean 1.5, deviation √5.25, norm √30. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 1e200, 1e-200, 1e-310})
  void squaresOfFiniteValuesNeitherOverflowNorVanish(double unit) {
    double[] values = {unit, -2 * unit, 3 * unit, 4 * unit};

    TensorSummary summary =
        TensorSummary.of(
            new WeightTensor("w", Nd4j.createFromArray(values), "float64", LayerKind.UNKNOWN));

    double rounding = Math.max(1e-14, Double.MIN_VALUE / unit);
    assertThat(summary.isFinite()).isTrue();
    assertThat(summary.mean() / unit).isEqualTo(1.5, within(2 * rounding));
    assertThat(summary.deviation() / unit).isEqualTo(Math.sqrt(5.25), within(4 * rounding));
    assertThat(summary.norm() / unit).isEqualTo(Math.sqrt(30), within(8 * rounding));
  }
}
