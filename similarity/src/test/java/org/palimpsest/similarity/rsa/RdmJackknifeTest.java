package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;

class RdmJackknifeTest {

  private static final Rsa PEARSON =
      Rsa.withDefaults()
          .withDistance(Rsa.Distance.EUCLIDEAN)
          .withComparison(Rsa.Comparison.PEARSON);

  private static RdmJackknife.Side side(double[][] values) {
    return RdmJackknife.of(Rdm::centred)
        .side(new RdmPreparation(Rsa.Distance.EUCLIDEAN).prepare(Data.representation("x", values)));
  }

  @Test
  void valuesWithoutAnImageAreThoseOfTheOthers() {
    double[][] x = Data.layer(10, 5, 1);
    double[][] y = Data.relative(x, 4, 7);
    JackknifeValues jackknife = RdmJackknife.jackknife(side(x), side(y));
    for (int left = 0; left < 10; left++) {
      int image = left;
      int[] others = IntStream.range(0, 10).filter(row -> row != image).toArray();
      double anew =
          PEARSON
              .compare(
                  Data.representation("x", Data.reorder(x, others)),
                  Data.representation("y", Data.reorder(y, others)))
              .value();
      assertThat(jackknife.without()[left]).isCloseTo(anew, within(1e-12));
    }
  }
}
