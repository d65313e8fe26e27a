package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.cca.Cca;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.neighbours.NearestNeighbours;
import org.palimpsest.similarity.output.Predictions;
import org.palimpsest.similarity.regression.Regression;
import org.palimpsest.similarity.rsa.Rsa;
import org.palimpsest.similarity.shape.Shapes;

class MeasuresTest {

  @Test
  void namesAreUniqueAndAreThoseOfTheExamples() {
    List<String> names = Measures.catalogue().stream().map(MeasureEntry::name).toList();

    assertThat(names).doesNotHaveDuplicates();
    for (MeasureEntry entry : Measures.catalogue()) {
      assertThat(entry.example().name()).isEqualTo(entry.name());
      assertThat(Measures.parse(entry.name())).isEqualTo(entry.example());
      assertThat(entry.properties().description()).endsWith(".");
      assertThat(entry.properties().source()).isNotBlank();
      assertThat(entry.properties().cost()).isNotBlank();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "svcca:0.9",
        "svcca:plain=0.99",
        "svcca:k=20",
        "pwcca:y",
        "pwcca:tolerance=1.0E-4",
        "pwcca:y,tolerance=1.0E-4",
        "cca_mean:tolerance=1.0E-4",
        "shape:0.25",
        "gulp:0.1",
        "minibatch_cka:64",
        "rbf_cka:0.2",
        "rsa:squared_euclidean:kendall",
        "jaccard:5:euclidean",
        "rank_similarity:10:euclidean",
        "second_order_cosine:7",
        "prediction_dice:probabilities"
      })
  void aNameWithParametersIsTheMeasuresOwnName(String name) {
    Measure<?> measure = Measures.parse(name);

    assertThat(measure.name()).isEqualTo(name);
    assertThat(Measures.parse(measure.name())).isEqualTo(measure);
  }

  @ParameterizedTest
  @CsvSource({
    "svcca_0.9, svcca:0.9",
    "rsa_euclidean_pearson, rsa:euclidean:pearson",
    "rsa:mahalanobis, rsa:mahalanobis:spearman",
    "jaccard_k10_cosine, jaccard",
    "'mutual_knn:euclidean,k=3', mutual_knn:3:euclidean",
    "rbf_cka_0.5, rbf_cka",
    "svcca:0.99, svcca",
    "svcca:.9, svcca:0.9",
    "pwcca_x, pwcca",
    "pwcca_y, pwcca:y",
    "gulp_0.01, gulp",
    "' linear_cka ', linear_cka"
  })
  void otherSpellingsAreUnderstood(String asked, String name) {
    assertThat(Measures.parse(asked).name()).isEqualTo(name);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> Measures.parse("linear_ckka"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'linear_ckka'")
        .hasMessageContaining("linear_cka, ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka:1",
        "svcca:1.1",
        "svcca:0",
        "svcca:NaN",
        "svcca:half",
        "svcca:0.9,0.8",
        "svcca:k=0",
        "svcca:k=2.5",
        "svcca:k=2,plain=0.9",
        "svcca:0.9,k=2",
        "svcca:,",
        "svcca:k=",
        "svcca:k=1,k=2",
        "svcca:q=1",
        "pwcca:z",
        "shape:2",
        "gulp:0",
        "minibatch_cka:3",
        "cca_mean:tolerance=2"
      })
  void parametersThatMakeNoSenseAreRefusedWithWhatMayBeGiven(String name) {
    assertThatThrownBy(() -> Measures.parse(name))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Measure '" + name.substring(0, name.indexOf(':')) + "'")
        .hasMessageContaining("takes");
  }

  @ParameterizedTest
  @CsvSource({
    "svcca:2, 2 is not above 0 and at most 1.",
    "gulp:-1, -1 is not above 0.",
    "svcca:k=0, 0 is not 1 or more.",
    "svcca:k=1.5, 1.5 is not an integer.",
  })
  void aParameterThatIsOutOfRangeIsToldItsRange(String name, String told) {
    assertThatThrownBy(() -> Measures.parse(name))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(": " + told + " It takes");
  }

  @Test
  void aMeasureThatIsConstructedIsTheOneOfItsName() {
    Map<String, Measure<?>> constructed =
        Map.ofEntries(
            Map.entry("linear_cka", Cka.linear()),
            Map.entry("minibatch_cka", Cka.minibatch()),
            Map.entry("rbf_cka:0.2", Cka.rbf(0.2)),
            Map.entry("cca_mean", Cca.mean()),
            Map.entry("cca_mean_squared:tolerance=1e-6", squaredWithTolerance()),
            Map.entry("svcca", Cca.svcca()),
            Map.entry("svcca:k=20", Cca.svcca(Cca.Truncation.ofCount(20))),
            Map.entry("pwcca:y", Cca.pwcca(Cca.Side.Y)),
            Map.entry("pwcca:tolerance=0.01", Cca.pwcca(Cca.Side.X, 0.01)),
            Map.entry("shape:0.25", Shapes.shape(0.25)),
            Map.entry("gulp", Regression.gulp()),
            Map.entry("rsa:euclidean", Rsa.of(Rsa.Distance.EUCLIDEAN)),
            Map.entry("mutual_knn:5", NearestNeighbours.mutual(5, NearestNeighbours.Metric.COSINE)),
            Map.entry("prediction_dice", Predictions.dice()));

    constructed.forEach((name, measure) -> assertThat(Measures.parse(name)).isEqualTo(measure));
  }

  private static Measure<?> squaredWithTolerance() {
    return Cca.meanSquared(1e-6);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void aToleranceThatIsNoFractionIsRefused(double fraction) {
    assertThatThrownBy(() -> Cca.eigenspaceOverlap(fraction))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("from 0 to 1");
  }

  @Test
  void aToleranceDecidesWhichDirectionsCount() {
    double[][] x = Data.layer(30, 3, 1);
    double[][] flat = Data.map(x, (i, j, value) -> j == 2 ? 1e-5 * value : value);
    assertThat(ranks(Cca.mean(), x, flat)).containsExactly(3, 3);
    assertThat(ranks(Cca.mean(1e-3), x, flat)).containsExactly(3, 2);
  }

  private static <P extends Prepared> int[] ranks(Measure<P> measure, double[][] x, double[][] y) {
    P a = measure.preparation().prepare(Data.representation("x", x));
    P b = measure.preparation().prepare(Data.representation("y", y));
    Diagnostics known = measure.compare(a, b).diagnostics();
    return new int[] {known.rankA(), known.rankB()};
  }

  /** The last one counted, and the others were passed over. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jaccard:10:20",
        "jaccard:10,20",
        "jaccard:k=5:10",
        "jaccard:k=5,10",
        "mutual_knn:cosine:euclidean",
        "rank_similarity:5:euclidean:7",
        "second_order_cosine_k5_6",
        "jaccard:2147483647"
      })
  void aNumberOfNeighboursOrAMetricIsGivenOnce(String text) {
    assertThatThrownBy(() -> Measures.parse(text))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(text.substring(0, 7));
  }

  @ParameterizedTest
  @CsvSource({
    "jaccard:7:euclidean, jaccard:7:euclidean",
    "jaccard_euclidean_k7, jaccard:7:euclidean",
    "'jaccard:euclidean,k=7', jaccard:7:euclidean",
    "mutual_knn:euclidean, mutual_knn:10:euclidean"
  })
  void neighboursAndMetricComeInAnyOrder(String text, String name) {
    assertThat(Measures.parse(text)).isEqualTo(Measures.parse(name));
  }
}
