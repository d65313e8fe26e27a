package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;

/** Float32 layers lose nothing where they stay in float32, and stay there only then. */
class SingleCentrerTest {

  private static final int SAMPLES = 701;
  private static final int WIDTH = 9;
  private static final int DEAD = 3;

  /** Near a million float32 knows sixteenths, and means lie between them. */
  private static final double[][] FAR =
      Data.map(
          Data.layer(SAMPLES, WIDTH, 1),
          (i, j, value) -> 1e6 + (j == DEAD ? 0 : Math.rint(16 * value) / 16));

  private static INDArray single(double[][] values) {
    return Nd4j.createFromArray(values).castTo(DataType.FLOAT);
  }

  private static double mean(int column) {
    return Arrays.stream(FAR).mapToDouble(row -> row[column]).average().orElseThrow();
  }

  @Test
  void largeMeansAreTakenOffToTheLastDigit() {
    SingleCentrer.Centred centred = SingleCentrer.centre(single(FAR), false).orElseThrow();

    for (int j = 0; j < WIDTH; j++) {
      double mean = mean(j);
      for (int i = 0; i < SAMPLES; i++) {
        assertThat(centred.matrix().getDouble(i, j) * centred.scale())
            .isCloseTo(FAR[i][j] - mean, within(1e-5));
      }
    }
  }

  @Test
  void columnsGetUnitNormAboutTheirMeanAndDeadOnesAreZero() {
    UnitColumns columns = SingleCentrer.standardise(single(FAR)).orElseThrow();

    assertThat(columns.dead()).isEqualTo(1);
    for (int j = 0; j < WIDTH; j++) {
      INDArray column = columns.matrix().getColumn(j).castTo(DataType.DOUBLE);
      assertThat(column.sumNumber().doubleValue()).isCloseTo(0, within(1e-4));
      assertThat(column.norm2Number().doubleValue()).isCloseTo(j == DEAD ? 0 : 1, within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-120, 120})
  void whatFloat32CouldNotScaleIsLeftToFloat64(int exponent) {
    double factor = Math.scalb(1.0, exponent);
    INDArray extreme = single(Data.map(Data.layer(20, 4, 2), (i, j, value) -> value * factor));

    assertThat(SingleCentrer.centre(extreme, false)).isEmpty();
    assertThat(SingleCentrer.standardise(extreme)).isEmpty();
  }

  @Test
  void aLargeLayerWithoutALiveUnitIsRefused() {
    Representation dead = Representation.of("dead", Nd4j.ones(DataType.FLOAT, 600, 500));

    assertThatThrownBy(() -> UnitColumns.of(dead))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'dead' (600 samples × 500 features)");
  }
}
