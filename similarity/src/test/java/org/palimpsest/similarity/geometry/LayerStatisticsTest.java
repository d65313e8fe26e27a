package org.palimpsest.similarity.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

class LayerStatisticsTest {

  private static final Representation TWO = layer(new double[][] {{3, 0}, {3, 8}});

  @Test
  void magnitudeIsTheNormOfTheMean() {
    assertThat(new Geometry.MagnitudeDifference.Magnitude().prepare(TWO).value())
        .isCloseTo(5, within(1e-15));
  }

  @Test
  void concentricityIsTheMeanCosineToTheMean() {
    double expected = (3 / 5.0 + (9 + 32) / (5 * Math.sqrt(73))) / 2;

    assertThat(new Geometry.ConcentricityDifference.Concentricity().prepare(TWO).value())
        .isCloseTo(expected, within(1e-15));
  }

  @Test
  void uniformityIsLogMeanOverAllPairsUpToWhatAllLayersShare() {
    Representation near = layer(new double[][] {{0.1}, {0.3}, {0.3}});
    double mean = (3 + 2 + 4 * Math.exp(-2 * 0.04)) / 9;

    assertThat(new Geometry.UniformityDifference.Uniformity().prepare(near).value())
        .isCloseTo(Math.log(mean) + Math.log(3), within(1e-14));
  }

  @Test
  void constantLayersHaveStatisticsToo() {
    Representation constant = layer(new double[][] {{2, 2}, {2, 2}, {2, 2}});

    assertThat(new Geometry.UniformityDifference.Uniformity().prepare(constant).value())
        .isCloseTo(Math.log(3), within(1e-14));
    assertThat(new Geometry.ConcentricityDifference.Concentricity().prepare(constant).value())
        .isCloseTo(1, within(1e-14));
  }

  @Test
  void aMeanOfZeroHasNoDirection() {
    assertThatThrownBy(
            () ->
                new Geometry.ConcentricityDifference.Concentricity()
                    .prepare(layer(new double[][] {{1, 0}, {-1, 0}})))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("mean sample of layer 'layer' (2 samples × 2 features) is zero");
  }

  private static Representation layer(double[][] rows) {
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }
}
