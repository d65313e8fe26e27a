package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.cca.Cca;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.geometry.Geometry;
import org.palimpsest.similarity.matching.Matching;
import org.palimpsest.similarity.neighbours.NearestNeighbours;
import org.palimpsest.similarity.output.Predictions;
import org.palimpsest.similarity.regression.Regression;
import org.palimpsest.similarity.rsa.Rsa;
import org.palimpsest.similarity.shape.Shapes;

/**
 * Measures that are constructed, on layers that are hard for formulas, against functions of SciPy
 * ({@code make_measure_values.py}); and the settings that they refuse.
 */
class TypedMeasuresTest {

  private static final JsonNode VALUES = read();

  private static JsonNode read() {
    try (InputStream file = TypedMeasuresTest.class.getResourceAsStream("/measures/values.json")) {
      return new ObjectMapper().readTree(file);
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static Map<String, Measure<?>> measures(int k) {
    Map<String, Measure<?>> measures = new HashMap<>();
    measures.put("cca_mean", Cca.mean());
    measures.put("cca_mean_squared", Cca.meanSquared());
    measures.put("x from y", Regression.xFromY());
    measures.put("y from x", Regression.yFromX());
    measures.put("NORMALIZED", Shapes.procrustesNormalized());
    measures.put("ANGULAR", Shapes.procrustesAngular());
    measures.put("SIZE_AND_SHAPE", Shapes.procrustesSizeAndShape());
    measures.put("aligned cosine", Shapes.alignedCosine());
    measures.put("hard match", Matching.hardCorrelation());
    measures.put("soft match", Matching.softCorrelation());
    measures.put("permutation", Matching.permutationProcrustes());
    measures.put("distance correlation", Cka.distanceCorrelation());
    measures.put("rsm norm", Rsa.normDifference());
    measures.put("magnitude", Geometry.magnitudeDifference());
    measures.put("mutual", NearestNeighbours.mutual(k, NearestNeighbours.Metric.EUCLIDEAN));
    measures.put("jaccard", NearestNeighbours.jaccard(k, NearestNeighbours.Metric.EUCLIDEAN));
    measures.put("second order", NearestNeighbours.secondOrderCosine(k));
    measures.put("disagreement", Predictions.disagreement());
    measures.put("divergence", Predictions.jensenShannon(Predictions.Scale.LOGITS));
    for (Rsa.Distance distance : Rsa.Distance.values()) {
      for (Rsa.Comparison comparison : Rsa.Comparison.values()) {
        measures.put("rsa %s %s".formatted(distance, comparison), Rsa.of(distance, comparison));
      }
    }
    return measures;
  }

  private static double[][] rows(JsonNode node) {
    List<double[]> rows = new ArrayList<>();
    for (JsonNode row : node) {
      double[] values = new double[row.size()];
      for (int j = 0; j < values.length; j++) {
        values[j] = row.get(j).asDouble();
      }
      rows.add(values);
    }
    return rows.toArray(double[][]::new);
  }

  @TestFactory
  Stream<DynamicTest> valuesAreThoseOfSciPy() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode one : VALUES.get("cases")) {
      Map<String, Measure<?>> measures = measures(one.get("k").asInt());
      Representation x = Representation.of("x", rows(one.get("x")));
      Representation y = Representation.of("y", rows(one.get("y")));
      one.get("values")
          .fields()
          .forEachRemaining(
              value ->
                  tests.add(
                      DynamicTest.dynamicTest(
                          one.get("name").asText() + ", " + value.getKey(),
                          () -> check(one, measures.get(value.getKey()), x, y, value.getValue()))));
    }
    return tests.stream();
  }

  /** What is far from zero loses the digits that its means take. */
  private static void check(
      JsonNode one, Measure<?> measure, Representation x, Representation y, JsonNode expected) {
    double value = expected.asDouble();
    double relative = one.get("name").asText().equals("far from zero") ? 1e-6 : 1e-8;

    assertThat(measure.compare(x, y).value())
        .isCloseTo(value, within(relative * Math.max(Math.abs(value), 1e-2)));
  }

  @Test
  void eachKeyIsOfAMeasure() {
    Set<String> keys = new HashSet<>();
    VALUES.get("cases").forEach(one -> one.get("values").fieldNames().forEachRemaining(keys::add));

    assertThat(measures(4).keySet()).containsAll(keys);
    assertThat(keys).hasSizeGreaterThan(30);
  }

  private static void assertRefused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(PalimpsestException.class).hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void fewerThanOneNeighbourIsRefused(int k) {
    String said = String.valueOf(k);
    assertRefused(
        () -> NearestNeighbours.jaccard(k, NearestNeighbours.Metric.COSINE), "at least 1", said);
    assertRefused(
        () -> NearestNeighbours.mutual(k, NearestNeighbours.Metric.COSINE), "at least 1", said);
    assertRefused(
        () -> NearestNeighbours.rankSimilarity(k, NearestNeighbours.Metric.COSINE),
        "at least 1",
        said);
    assertRefused(() -> NearestNeighbours.secondOrderCosine(k), "at least 1", said);
    assertRefused(() -> Cca.Truncation.ofCount(k), said, "one or more");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void settingsThatMustBePositiveAreRefusedByValue(double setting) {
    String said = String.valueOf(setting);
    assertRefused(() -> Regression.gulp(setting), "ridge", said);
    assertRefused(() -> Cka.rbf(setting), said);
    assertRefused(() -> Cca.Truncation.ofVariance(setting), said);
    assertRefused(() -> Cca.Truncation.ofSingularValues(setting), said);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 1.01, Double.NaN, Double.POSITIVE_INFINITY})
  void sharesOutsideZeroAndOneAreRefusedByValue(double share) {
    String said = String.valueOf(share);
    assertRefused(() -> Shapes.shape(share), said);
    assertRefused(() -> Shapes.shape(0.5, share), said);
    assertRefused(() -> Cca.meanSquared(share), said);
    assertRefused(() -> Cca.eigenspaceOverlap(share), said);
    assertRefused(() -> Cca.pwcca(Cca.Side.X, share), said);
    assertRefused(() -> Regression.xFromY(share), said);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 1, 0, -4})
  void batchesOfFewerThanFourSamplesAreRefused(int size) {
    assertRefused(() -> Cka.minibatch(size), String.valueOf(size));
  }

  @Test
  void aNameIsThatOfTheSettingsAndIsReadAgain() {
    List<Measure<?>> measures =
        List.of(
            Regression.gulp(0.5),
            Cka.rbf(2),
            Shapes.shape(0, 1e-3),
            Cca.meanSquared(0),
            Cca.eigenspaceOverlap(1),
            Cca.svcca(Cca.Truncation.ofVariance(1)),
            Cca.svcca(Cca.Truncation.ofSingularValues(0.5)),
            Cca.svcca(Cca.Truncation.ofCount(1)),
            NearestNeighbours.rankSimilarity(3, NearestNeighbours.Metric.EUCLIDEAN),
            NearestNeighbours.mutual(10, NearestNeighbours.Metric.EUCLIDEAN),
            Rsa.of(Rsa.Distance.CORRELATION, Rsa.Comparison.KENDALL),
            Regression.yFromX(1e-5),
            Predictions.disagreement(Predictions.Scale.PROBABILITIES),
            Cka.minibatch(4));

    assertThat(measures).allMatch(measure -> Measures.parse(measure.name()).equals(measure));
    assertThat(measures).extracting(Measure::name).doesNotHaveDuplicates();
  }

  @Test
  void defaultsAreWhatTheyAreSaidToBe() {
    assertThat(Regression.gulp()).isEqualTo(Regression.gulp(0.01));
    assertThat(NearestNeighbours.rankSimilarity())
        .isEqualTo(NearestNeighbours.rankSimilarity(10, NearestNeighbours.Metric.COSINE));
    assertThat(NearestNeighbours.secondOrderCosine())
        .isEqualTo(NearestNeighbours.secondOrderCosine(10));
    assertThat(Cca.svcca()).isEqualTo(Cca.svcca(Cca.Truncation.ofVariance(0.99)));
    assertThat(Rsa.withDefaults())
        .isEqualTo(Rsa.of(Rsa.Distance.CORRELATION, Rsa.Comparison.SPEARMAN));
  }

  /** By whichever door. */
  @Test
  void truncationsThatKeepNothingOrTooMuchAreRefused() {
    assertRefused(() -> new Cca.Truncation.OfVariance(0), "0.0");
    assertRefused(() -> new Cca.Truncation.OfVariance(1.5), "1.5");
    assertRefused(() -> new Cca.Truncation.OfSingularValues(Double.NaN), "NaN");
    assertRefused(() -> new Cca.Truncation.OfCount(-3), "-3");
  }
}
