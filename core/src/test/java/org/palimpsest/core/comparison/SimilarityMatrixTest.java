package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

class SimilarityMatrixTest {

  private static final MeasureProperties SIMILARITY = MeasureProperties.similarity("").build();
  private static final MeasureProperties DISTANCE = MeasureProperties.distance("").build();
  private static final List<String> ABC = List.of("a", "b", "c");

  /** NaN was asked for and has no score. */
  private static SimilarityMatrix matrix(
      MeasureProperties properties, List<String> columns, double[][] values) {
    List<List<Optional<Score>>> scores = new ArrayList<>();
    List<List<String>> reasons = new ArrayList<>();
    for (double[] row : values) {
      List<Optional<Score>> scoresOfRow = new ArrayList<>();
      List<String> reasonsOfRow = new ArrayList<>();
      for (double value : row) {
        boolean isThere = !Double.isNaN(value);
        scoresOfRow.add(
            isThere
                ? Optional.of(Score.of(value, properties, Diagnostics.of(9)))
                : Optional.empty());
        reasonsOfRow.add(isThere ? "" : "it is constant");
      }
      scores.add(scoresOfRow);
      reasons.add(reasonsOfRow);
    }
    return new SimilarityMatrix("m", properties, ABC, columns, scores, reasons);
  }

  private final SimilarityMatrix plain =
      matrix(
          SIMILARITY,
          ABC,
          new double[][] {{0.9, 0.5, 0.1}, {0.8, 0.7, 0.2}, {0.3, Double.NaN, 0.4}});

  @Test
  void layersAreFoundByName() {
    assertThat(plain.value("b", "a")).isEqualTo(0.8);
    assertThat(plain.score("c", "c").orElseThrow().value()).isEqualTo(0.4);
    assertThat(plain.score("c", "b")).isEmpty();
    assertThat(plain.value("c", "b")).isNaN();
  }

  @Test
  void anUnknownLayerIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> plain.value("a", "bb"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'bb'", "b");
    assertThatThrownBy(() -> plain.score("A", "b")).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void valuesBecomeAnArrayOfRows() {
    assertThat(Arrays.deepToString(plain.toArray()))
        .isEqualTo("[[0.9, 0.5, 0.1], [0.8, 0.7, 0.2], [0.3, NaN, 0.4]]");
  }

  @Test
  void aLayerIsFoundWhereItsNamesakeIsMostSimilar() {
    SimilarityMatrix.Identification found = plain.identification();

    assertThat(found.found()).containsExactly("a", "c");
    assertThat(found.mostSimilar()).containsEntry("b", Optional.of("a"));
    assertThat(found.accuracy()).isEqualTo(2.0 / 3);
  }

  @Test
  void ofDistancesTheLeastIsMostSimilar() {
    SimilarityMatrix.Identification found =
        matrix(DISTANCE, ABC, new double[][] {{0.9, 0.5, 0.1}, {0.8, 0.7, 0.9}, {3, 4, 2}})
            .identification();

    assertThat(found.found()).containsExactly("b", "c");
  }

  @Test
  void aNamesakeThatIsNotAloneAtTheTopIsNotFound() {
    SimilarityMatrix.Identification found =
        matrix(SIMILARITY, ABC, new double[][] {{1, 1, 0}, {0, 0, 0}, {0.5, 0.5, 0.6}})
            .identification();

    assertThat(found.mostSimilar())
        .containsEntry("a", Optional.empty())
        .containsEntry("b", Optional.empty());
    assertThat(found.found()).containsExactly("c");
  }

  @Test
  void aLayerThatCannotBeComparedIsNotFound() {
    double none = Double.NaN;
    assertThat(
            matrix(SIMILARITY, ABC, new double[][] {{none, none, none}, {none, 0, none}, {1, 1, 0}})
                .identification()
                .found())
        .containsExactly("b");
  }

  @Test
  void layersWithoutANamesakeAreNotLookedFor() {
    SimilarityMatrix.Identification found =
        matrix(SIMILARITY, List.of("a", "x"), new double[][] {{1, 0}, {1, 0}, {0, 1}})
            .identification();

    assertThat(found.mostSimilar()).containsOnlyKeys("a");
    assertThat(found.accuracy()).isEqualTo(1);
    assertThatThrownBy(
            () ->
                matrix(SIMILARITY, List.of("x", "y"), new double[][] {{1, 0}, {1, 0}, {0, 1}})
                    .identification())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no layer of the same name");
  }

  @Test
  void pairsThatWereNotComparedAreRefused() {
    Score one = Score.of(1, SIMILARITY, Diagnostics.of(9));
    SimilarityMatrix matched =
        new SimilarityMatrix(
            "m",
            SIMILARITY,
            List.of("a", "b"),
            List.of("a", "b"),
            List.of(
                List.of(Optional.of(one), Optional.empty()),
                List.of(Optional.empty(), Optional.of(one))));

    assertThatThrownBy(matched::identification)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a'", "'b'", "were not compared");
  }

  private static ComparisonResult result(int rowsOfViews, SimilarityMatrix... matrices) {
    return new ComparisonResult(
        Provenance.inMemory("A"),
        Provenance.inMemory("B"),
        List.of(matrices),
        Collections.nCopies(rowsOfViews, List.of("flat", "flat", "flat")));
  }

  @Test
  void aResultHasItsMatricesByMeasure() {
    ComparisonResult result = result(3, plain, plain.named("svcca:0.9"));

    assertThat(result.matrix("svcca:0.9").measure()).isEqualTo("svcca:0.9");
    assertThatThrownBy(() -> result.matrix("svcca"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'svcca'", "m, svcca:0.9");
  }

  @Test
  void aResultIsNamedAnewAsAWhole() {
    ComparisonResult result = result(3, plain, plain.named("svcca:0.9"));

    assertThat(result.named(List.of("one", "other")).rows())
        .extracting(ComparisonResult.PairScore::measure)
        .startsWith("one", "other", "one");
    assertThatThrownBy(() -> result.named(List.of("one")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("1 names (one) are given to the matrices of 2 measures. Give one to each.");
    assertThatThrownBy(() -> result.named(List.of("a", "b", "c")))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void whatDoesNotBelongTogetherIsNoResult() {
    SimilarityMatrix others = matrix(SIMILARITY, List.of("a"), new double[][] {{1}, {0.5}, {0.25}});

    assertThatThrownBy(() -> result(0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("none is given");
    assertThatThrownBy(() -> result(3, plain, others))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("different layers", "[a, b, c] by [a]");
    assertThatThrownBy(() -> result(2, plain))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("The views of 3 layers by 3 are given in rows of [3, 3]");
  }

  @Test
  void asManyScoresAsPairsAreAskedFor() {
    MeasureProperties properties = MeasureProperties.similarity("some measure").build();
    assertThatThrownBy(
            () ->
                new SimilarityMatrix(
                    "some",
                    properties,
                    List.of("enc1"),
                    List.of("enc1", "out"),
                    List.of(List.of(Optional.empty()))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "The scores of 1 layers by 2 are given in rows of [1]. Give one for each pair.");
    assertThatThrownBy(
            () ->
                new SimilarityMatrix(
                    "some",
                    properties,
                    List.of("enc1"),
                    List.of("out"),
                    List.of(List.of(Optional.empty())),
                    List.of()))
        .hasMessageContaining("The reasons of 1 layers by 1");
  }

  @Test
  void noLayersAreNotIdentified() {
    SimilarityMatrix empty =
        new SimilarityMatrix("m", SIMILARITY, List.of(), List.of(), List.of(), List.of());

    assertThatThrownBy(empty::identification)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no layer of the same name");
  }
}
