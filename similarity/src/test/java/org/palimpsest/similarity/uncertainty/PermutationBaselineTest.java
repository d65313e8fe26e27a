package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  /** All cosines of one feature of one sign tie, so that the order decides: it does so in both. */
  @ParameterizedTest
  @ValueSource(strings = {"jaccard", "mutual_knn", "rank_similarity", "second_order_cosine"})
  void whatTiesAloneMakeAlikeIsNotAboveChance(String measure) {
    Representation a = Data.representation("a", positive(1));
    Representation b = Data.representation("b", positive(2));
    Measure<?> neighbours = Measures.parse(measure);
    PermutationBaseline.Baseline baseline =
        PermutationBaseline.withDefaults().withPermutations(20).baseline(neighbours, a, b);

    assertThat(neighbours.compare(a, b).value()).isEqualTo(1);
    assertThat(neighbours.compare(a, b).diagnostics().warnings())
        .anyMatch(line -> line.contains("all 1 or -1"));
    assertThat(baseline.nullMean()).isEqualTo(1);
    assertThat(baseline.pValue()).isEqualTo(1);
  }

  private static double[][] positive(long seed) {
    return new SplittableRandom(seed)
        .doubles(60, 1, 2)
        .mapToObj(value -> new double[] {value})
        .toArray(double[][]::new);
  }
}
