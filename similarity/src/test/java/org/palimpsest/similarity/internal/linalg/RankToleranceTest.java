package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class RankToleranceTest {

  @Test
  void theDefaultIsTheLongerSideTimesTheRoundingOfFloat64() {
    assertThat(RankTolerance.automatic().of(1000, 10, DataType.DOUBLE))
        .isEqualTo(1000 * Math.pow(2, -52));
    assertThat(RankTolerance.automatic().of(10, 500, DataType.DOUBLE))
        .isEqualTo(500 * Math.pow(2, -52));
  }

  @Test
  void whatCameInFloat32HoldsNoiseOfItsOwn() {
    assertThat(RankTolerance.automatic().of(900, 10, DataType.FLOAT))
        .isEqualTo(30 * Math.pow(2, -23));
  }

  @Test
  void aGivenFractionHoldsForEveryLayer() {
    assertThat(RankTolerance.relative(0.1).of(900, 10, DataType.FLOAT)).isEqualTo(0.1);
    assertThat(RankTolerance.relative(0.1).of(9, 10, DataType.DOUBLE)).isEqualTo(0.1);
  }
}
