package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/** Layers of which a measure can tell nothing, or which are too wide for it. */
class UndecidedLayersTest {

  private static final Representation ONE_CHANNEL = Data.representation("out", positive(1));
  private static final Representation ANOTHER = Data.representation("other", positive(2));

  private static double[][] positive(long seed) {
    return Data.map(Data.normal(80, 1, seed), (i, j, value) -> Math.abs(value) + 0.1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jaccard", "mutual_knn", "rank_similarity", "second_order_cosine"})
  void cosinesOfOneChannelTieAndTheScoreSaysSo(String name) {
    assertThat(Measures.parse(name).compare(ONE_CHANNEL, ANOTHER).diagnostics().warnings())
        .anyMatch(
            w ->
                w.contains("layer 'out'")
                    && w.contains("as near by cosine")
                    && w.contains("1 or -1"))
        .anyMatch(w -> w.contains("layer 'other'"));
  }

  @Test
  void euclideanDistancesOfOneChannelAreTold() {
    assertThat(
            Measures.parse("jaccard:10:euclidean")
                .compare(ONE_CHANNEL, ANOTHER)
                .diagnostics()
                .warnings())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hard_correlation_match", "soft_correlation_match", "permutation_procrustes"})
  void oneNumberForEachPairOfTooManyFeaturesIsRefused(String name) {
    Representation wide = Data.single("wide", new double[][] {row(1), row(2), row(-3)});
    assertThatThrownBy(() -> Measures.parse(name).compare(wide, wide))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("60000 and 60000 features");
  }

  private static double[] row(double factor) {
    double[] row = new double[60_000];
    for (int j = 0; j < row.length; j++) {
      row[j] = factor * (1 + j % 7) + j % 3;
    }
    return row;
  }
}
