package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.representation.FeatureMaps.Grid;

class AreaAverageTest {

  /** Slices of the first axis have 1,200 values, 1,024 and 6. */
  @ParameterizedTest
  @CsvSource({"7,30,40, 3,30,40", "6,32,32, 4,10,32", "5,2,3, 2,2,1", "4,32,32, 4,16,16"})
  void aChannelThatIsReadInSlicesHasTheAveragesOfAWholeOne(
      int depth, int height, int width, int toDepth, int toHeight, int toWidth) {
    AreaAverage average =
        AreaAverage.between(
            "layer", Grid.of(depth, height, width), Grid.of(toDepth, toHeight, toWidth));
    int positions = depth * height * width;
    INDArray channels = Nd4j.rand(DataType.FLOAT, 2, positions);
    double[] second = channels.getRow(1).castTo(DataType.DOUBLE).toDoubleVector();

    double[] read = average.apply(TensorReader.of(channels), positions, positions);

    assertThat(read).isEqualTo(average.apply(second));
    assertThat(read).hasSize(toDepth * toHeight * toWidth);
  }
}
