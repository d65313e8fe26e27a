package org.palimpsest.similarity.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.similarity.Data;

/** Gram matrices of some rows, against sums entry by entry. */
class BatchProductsTest {

  private static final int FROM = 300;
  private static final int TO = 340;

  /** Near ten thousand products of float32 have hardly a digit of the deviations left. */
  private static final double[][] FAR =
      Data.map(Data.layer(400, 700, 1), (i, j, value) -> 1e4 + Math.rint(64 * value) / 64);

  @Test
  void rowsMeetAboutTheirOwnMean() {
    double[] mean = new double[FAR[0].length];
    for (int i = FROM; i < TO; i++) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += FAR[i][j] / (TO - FROM);
      }
    }

    float[] gram =
        BatchProducts.upperGram(Nd4j.createFromArray(FAR).castTo(DataType.FLOAT), FROM, TO);

    for (int i = FROM; i < TO; i++) {
      for (int j = i; j < TO; j++) {
        double expected = 0;
        for (int k = 0; k < mean.length; k++) {
          expected += (FAR[i][k] - mean[k]) * (FAR[j][k] - mean[k]);
        }
        assertThat((double) gram[(i - FROM) * (TO - FROM) + j - FROM])
            .isCloseTo(expected, within(0.01 * mean.length));
      }
    }
  }
}
