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
import java.util.OptionalDouble;
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
import org.palimpsest.similarity.cca.CcaMean;
import org.palimpsest.similarity.cca.EigenspaceOverlap;
import org.palimpsest.similarity.cca.Pwcca;
import org.palimpsest.similarity.cca.Svcca;
import org.palimpsest.similarity.cka.MinibatchCka;
import org.palimpsest.similarity.cka.DistanceCorrelation;
import org.palimpsest.similarity.cka.RbfCka;
import org.palimpsest.similarity.matching.HardCorrelationMatch;
import org.palimpsest.similarity.matching.PermutationProcrustes;
import org.palimpsest.similarity.matching.SoftCorrelationMatch;
import org.palimpsest.similarity.neighbours.JaccardNeighbours;
import org.palimpsest.similarity.neighbours.MutualNeighbours;
import org.palimpsest.similarity.neighbours.RankSimilarity;
import org.palimpsest.similarity.neighbours.RowMetric;
import org.palimpsest.similarity.neighbours.SecondOrderCosine;
import org.palimpsest.similarity.output.Disagreement;
import org.palimpsest.similarity.output.JensenShannon;
import org.palimpsest.similarity.output.OutputScale;
import org.palimpsest.similarity.regression.Gulp;
import org.palimpsest.similarity.regression.LinearRegression;
import org.palimpsest.similarity.regression.LinearRegression.Target;
import org.palimpsest.similarity.rsa.Rsa;
import org.palimpsest.similarity.rsa.RsmNormDifference;
import org.palimpsest.similarity.shape.AlignedCosine;
import org.palimpsest.similarity.shape.Procrustes;
import org.palimpsest.similarity.shape.ShapeMetric;
import org.palimpsest.similarity.geometry.MagnitudeDifference;

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
    measures.put("cca_mean", CcaMean.ofCorrelations());
    measures.put("cca_mean_squared", CcaMean.ofSquaredCorrelations());
    measures.put("x from y", LinearRegression.of(Target.X_FROM_Y));
    measures.put("y from x", LinearRegression.of(Target.Y_FROM_X));
    for (Procrustes.Variant variant : Procrustes.Variant.values()) {
      measures.put(variant.name(), new Procrustes(variant));
    }
    measures.put("aligned cosine", new AlignedCosine());
    measures.put("hard match", new HardCorrelationMatch());
    measures.put("soft match", new SoftCorrelationMatch());
    measures.put("permutation", new PermutationProcrustes());
    measures.put("distance correlation", new DistanceCorrelation());
    measures.put("rsm norm", new RsmNormDifference());
    measures.put("magnitude", new MagnitudeDifference());
    measures.put("mutual", new MutualNeighbours(k, RowMetric.EUCLIDEAN));
    measures.put(
        "jaccard",
        JaccardNeighbours.withDefaults().withNeighbours(k).withMetric(RowMetric.EUCLIDEAN));
    measures.put("second order", SecondOrderCosine.withDefaults().withNeighbours(k));
    measures.put("disagreement", Disagreement.withDefaults());
    measures.put("divergence", JensenShannon.withDefaults().withScale(OutputScale.LOGITS));
    for (Rsa.Distance distance : Rsa.Distance.values()) {
      for (Rsa.Comparison comparison : Rsa.Comparison.values()) {
        measures.put("rsa %s %s".formatted(distance, comparison), new Rsa(distance, comparison));
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
    assertRefused(() -> new JaccardNeighbours(k, RowMetric.COSINE), "at least 1", said);
    assertRefused(() -> MutualNeighbours.withDefaults().withNeighbours(k), "at least 1", said);
    assertRefused(() -> RankSimilarity.withDefaults().withNeighbours(k), "at least 1", said);
    assertRefused(() -> new SecondOrderCosine(k), "at least 1", said);
    assertRefused(() -> Svcca.Truncation.ofCount(k), said, "one or more");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void settingsThatMustBePositiveAreRefusedByValue(double setting) {
    String said = String.valueOf(setting);
    assertRefused(() -> new Gulp(setting), "ridge", said);
    assertRefused(() -> new RbfCka(setting), said);
    assertRefused(() -> RbfCka.withDefaults().withBandwidth(setting), said);
    assertRefused(() -> Svcca.Truncation.ofVariance(setting), said);
    assertRefused(() -> Svcca.Truncation.ofSingularValues(setting), said);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 1.01, Double.NaN, Double.POSITIVE_INFINITY})
  void sharesOutsideZeroAndOneAreRefusedByValue(double share) {
    String said = String.valueOf(share);
    OptionalDouble tolerance = OptionalDouble.of(share);
    assertRefused(() -> ShapeMetric.withDefaults().withAlpha(share), said);
    assertRefused(() -> new ShapeMetric(0.5, tolerance), said);
    assertRefused(() -> ShapeMetric.withDefaults().withTolerance(share), said);
    assertRefused(() -> new CcaMean(true, tolerance), said);
    assertRefused(() -> new EigenspaceOverlap(tolerance), said);
    assertRefused(() -> new Pwcca(Pwcca.Side.X, tolerance), said);
    assertRefused(() -> LinearRegression.of(Target.X_FROM_Y).withTolerance(share), said);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 1, 0, -4})
  void batchesOfFewerThanFourSamplesAreRefused(int size) {
    assertRefused(() -> new MinibatchCka(size), String.valueOf(size));
  }

  @Test
  void aNameIsThatOfTheSettingsAndIsReadAgain() {
    List<Measure<?>> measures =
        List.of(
            new Gulp(0.5),
            new RbfCka(2),
            new ShapeMetric(0, OptionalDouble.of(1e-3)),
            new CcaMean(true, OptionalDouble.of(0)),
            EigenspaceOverlap.withDefaults().withTolerance(1),
            new Svcca(Svcca.Truncation.ofVariance(1)),
            new Svcca(Svcca.Truncation.ofSingularValues(0.5)),
            new Svcca(Svcca.Truncation.ofCount(1)),
            RankSimilarity.withDefaults().withNeighbours(3).withMetric(RowMetric.EUCLIDEAN),
            MutualNeighbours.withDefaults().withMetric(RowMetric.EUCLIDEAN),
            Rsa.withDefaults().withComparison(Rsa.Comparison.KENDALL),
            LinearRegression.of(Target.Y_FROM_X).withTolerance(1e-5),
            Disagreement.withDefaults().withScale(OutputScale.PROBABILITIES),
            new MinibatchCka(4));

    assertThat(measures).allMatch(measure -> Measures.parse(measure.name()).equals(measure));
    assertThat(measures).extracting(Measure::name).doesNotHaveDuplicates();
  }

  @Test
  void defaultsAreWhatTheyAreSaidToBe() {
    assertThat(Gulp.withDefaults()).isEqualTo(new Gulp(0.01));
    assertThat(RankSimilarity.withDefaults()).isEqualTo(new RankSimilarity(10, RowMetric.COSINE));
    assertThat(SecondOrderCosine.withDefaults()).isEqualTo(new SecondOrderCosine(10));
    assertThat(Svcca.withDefaults()).isEqualTo(new Svcca(Svcca.Truncation.ofVariance(0.99)));
    assertThat(Rsa.withDefaults())
        .isEqualTo(new Rsa(Rsa.Distance.CORRELATION, Rsa.Comparison.SPEARMAN));
  }

  /** By whichever door. */
  @Test
  void truncationsThatKeepNothingOrTooMuchAreRefused() {
    assertRefused(() -> new Svcca.Truncation.OfVariance(0), "0.0");
    assertRefused(() -> new Svcca.Truncation.OfVariance(1.5), "1.5");
    assertRefused(() -> new Svcca.Truncation.OfSingularValues(Double.NaN), "NaN");
    assertRefused(() -> new Svcca.Truncation.OfCount(-3), "-3");
  }
}
