package org.palimpsest.similarity.internal.linalg;

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

  private static final double[][] NEAR = Data.normal(400, 700, 2);

  @Test
  void rowsFarFromZeroMeetAboutTheirOwnMean() {
    double[] mean = new double[FAR[0].length];
    for (int i = FROM; i < TO; i++) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += FAR[i][j] / (TO - FROM);
      }
    }

    assertGram(FAR, mean, 0.01);
  }

  @Test
  void rowsAboutZeroMeetAsTheyAre() {
    assertGram(NEAR, new double[NEAR[0].length], 1e-5);
  }

  /** The error of an entry is so much for each feature. */
  private static void assertGram(double[][] rows, double[] mean, double error) {
    float[] gram =
        BatchProducts.upperGram(Nd4j.createFromArray(rows).castTo(DataType.FLOAT), FROM, TO);

    for (int i = FROM; i < TO; i++) {
      for (int j = i; j < TO; j++) {
        double expected = 0;
        for (int k = 0; k < mean.length; k++) {
          expected += (rows[i][k] - mean[k]) * (rows[j][k] - mean[k]);
        }
        assertThat((double) gram[(i - FROM) * (TO - FROM) + j - FROM])
            .isCloseTo(expected, within(error * mean.length));
      }
    }
  }
}
