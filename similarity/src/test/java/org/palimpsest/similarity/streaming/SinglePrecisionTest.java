package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/** Float32 layers whose products are computed in float32, too. */
class SinglePrecisionTest {

  private static final double[][] X = Data.layer(9001, 7, 1);
  private static final double[][] Y = Data.relative(X, 5, 2);
  private static final int[] LONGER_THAN_A_BLOCK_OF_PRODUCTS = {0, 4600, 9001};

  private static CoMoments gathered(double[][] x, double[][] y, int... bounds) {
    CoMoments moments = CoMoments.of(Pairs.MATCHED, Precision.FLOAT32);
    for (int i = 1; i < bounds.length; i++) {
      moments.add(rows("x", x, bounds[i - 1], bounds[i]), rows("y", y, bounds[i - 1], bounds[i]));
    }
    return moments;
  }

  private static Representation rows(String layer, double[][] values, int from, int to) {
    return Data.single(layer, Arrays.copyOfRange(values, from, to));
  }

  private static void agree(CoMoments moments, double[][] x, double[][] y) {
    for (String name : new String[] {"linear_cka", "debiased_linear_cka", "svcca:0.9"}) {
      double expected =
          Measures.parse(name)
              .compare(Data.representation("x", x), Data.representation("y", y))
              .value();
      assertThat(moments.compare(Measures.parse(name), 0, 0).value())
          .as(name)
          .isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void longBatchesGiveWhatAllSamplesAtOnceGive() {
    agree(gathered(X, Y, LONGER_THAN_A_BLOCK_OF_PRODUCTS), X, Y);
  }

  /** Near a million float32 knows sixteenths, and the origins of both shards lie between them. */
  @Test
  void shardsFarFromZeroMergeAboutTheirExactOrigins() {
    double[][] far = Data.map(X, (i, j, value) -> 1e6 + Math.rint(16 * value) / 16);
    CoMoments merged = gathered(far, Y, 0, 37);
    merged.merge(gathered(far, Y, 37, 90));

    agree(merged, Arrays.copyOf(far, 90), Arrays.copyOf(Y, 90));
  }

  @Test
  void valuesBelowTheSmallestNormalFloatKeepTheirDigits() {
    double[][] whole = Data.map(Arrays.copyOf(X, 90), (i, j, value) -> Math.rint(16 * value));
    double[][] tiny = Data.map(whole, (i, j, value) -> Math.scalb(value, -145));

    agree(gathered(tiny, Y, 0, 40, 90), whole, Arrays.copyOf(Y, 90));
  }
}
