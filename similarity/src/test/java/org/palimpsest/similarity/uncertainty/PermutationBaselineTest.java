package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;

/** What is said of few replicates follows from them, and one more changes it by its own value. */
class PermutationBaselineTest {

  private static final Measure<?> MEASURE = Measures.parse("linear_cka");
  private static final Representation X = Data.representation("x", Data.layer(50, 5, 1));
  private static final Representation Y =
      Data.representation("y", Data.relative(Data.layer(50, 5, 1), 4, 2));

  @Test
  void theNullDeviationIsThatOfASample() {
    PermutationBaseline baseline = PermutationBaseline.withDefaults();
    PermutationBaseline.Baseline two = baseline.withPermutations(2).baseline(MEASURE, X, Y);
    PermutationBaseline.Baseline three = baseline.withPermutations(3).baseline(MEASURE, X, Y);
    double step = 3 * (three.nullMean() - two.nullMean());
    double squares = Math.pow(two.nullDeviation(), 2) + step * step * 2 / 3;

    assertThat(three.nullDeviation()).isCloseTo(Math.sqrt(squares / 2), within(1e-12));
  }
}
