package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A Gram matrix knows the squares of singular values, so half of their digits at best. */
class SpectrumTest {

  private static final double[] SINGULAR_VALUES = {1, 2e-3, 1e-4, 1e-7};

  /** Columns of a Hadamard matrix, which are orthogonal, at their lengths. */
  private static INDArray withTheirSingularValues() {
    double[][] values = new double[16][SINGULAR_VALUES.length];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < SINGULAR_VALUES.length; j++) {
        values[i][j] =
            (Integer.bitCount(i & (1 << j)) % 2 == 0 ? 0.25 : -0.25) * SINGULAR_VALUES[j];
      }
    }
    return Nd4j.createFromArray(values);
  }

  @Test
  void componentsAreReliableDownToTheirFractionOfTheLargest() {
    Spectrum spectrum = Spectrum.of(withTheirSingularValues());

    assertThat(spectrum.isReliable(2)).isTrue();
    assertThat(spectrum.isReliable(3)).isFalse();
    assertThat(spectrum.isReliable(5)).isFalse();
    assertThat(spectrum.countAbove(1e-3)).isEqualTo(2);
  }

  @Test
  void reliableComponentsAreOrthonormal() {
    INDArray left = Spectrum.of(withTheirSingularValues()).left(2, DataType.DOUBLE);
    Dense gram = Products.gramOfColumns(left);

    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        assertThat(gram.get(i, j)).isCloseTo(i == j ? 1 : 0, within(1e-10));
      }
    }
  }
}
