package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.internal.linalg.Rows;

/** Drawing from a matrix over pairs of samples, against preparing the drawn rows. */
class DrawnPairsTest {

  private static final int ROWS = 30;
  private static final double[][] X = Data.layer(ROWS, 5, 1);
  private static final double[][] Y = Data.relative(X, 4, 2);

  private static Stream<String> measuresOfPairs() {
    return Stream.of(
        "rbf_cka",
        "distance_correlation",
        "rsa:euclidean",
        "rsa:correlation:pearson",
        "rsa:mahalanobis",
        "rsa:cosine:kendall");
  }

  @ParameterizedTest
  @MethodSource("measuresOfPairs")
  void permutingWhatWasPreparedEqualsPreparingThePermuted(String name) {
    assertDrawn(Measures.parse(name), Data.shuffled(ROWS, 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jaccard:3",
        "mutual_knn:5:euclidean",
        "rank_similarity:4",
        "second_order_cosine:5"
      })
  void permutingNeighboursEqualsFindingThemAmongThePermuted(String name) {
    assertDrawn(Measures.parse(name), Data.shuffled(ROWS, 3));
  }

  @Test
  void pairsOfSamplesCanBeReorderedAndNotRepeated() {
    int[] rows = new int[ROWS];

    assertThat(canDraw(Measures.parse("rbf_cka"), rows)).isFalse();
    assertThat(canDraw(Measures.parse("rsa:euclidean"), rows)).isFalse();
    assertThat(canDraw(Measures.parse("rsa:euclidean"), Data.shuffled(ROWS, 3))).isTrue();
  }

  @ParameterizedTest
  @MethodSource("wideMeasures")
  void permutingAWideLayerEqualsPreparingThePermuted(String name) {
    Measure<?> measure = Measures.parse(name);
    double[][] wide = Data.layer(12, 400, 5);
    double[][] other = Data.layer(12, 500, 6);
    int[] rows = Data.shuffled(12, 7);

    assertSame(measure, Data.representation("a", wide), Data.representation("b", other), rows);
  }

  private static Stream<String> wideMeasures() {
    return Stream.of("linear_cka", "debiased_linear_cka");
  }

  private static <P extends Prepared> boolean canDraw(Measure<P> measure, int[] rows) {
    P prepared = measure.preparation().prepare(Data.representation("x", X));
    return prepared instanceof Resamplable<?> resamplable && resamplable.canDraw(rows);
  }

  private static void assertDrawn(Measure<?> measure, int[] rows) {
    assertSame(measure, Data.representation("x", X), Data.representation("y", Y), rows);
  }

  private static <P extends Prepared> void assertSame(
      Measure<P> measure, Representation a, Representation b, int[] rows) {
    P whole = measure.preparation().prepare(a);
    P drawn = PermutationBaseline.Draws.of(measure, b).withRows(rows);
    P anew =
        measure.preparation().prepare(new Representation(b.info(), Rows.gather(b.matrix(), rows)));

    assertThat(drawn).isInstanceOf(Resamplable.class);
    assertThat(measure.compare(whole, drawn).value())
        .isCloseTo(measure.compare(whole, anew).value(), within(1e-10));
  }
}
