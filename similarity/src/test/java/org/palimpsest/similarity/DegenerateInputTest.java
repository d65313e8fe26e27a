package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** A right value or the one clear error, never a NaN, whatever a layer holds. */
class DegenerateInputTest {

  private record Case(double[][] x, double[][] y) {}

  private static Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    double[][] x = Data.layer(30, 6, 1);
    double[][] y = Data.relative(x, 5, 2);
    cases.put("large means", new Case(scaled(x, 1, 1e4), scaled(y, 1, -3e3)));
    cases.put("unequal scales", new Case(scaled(x, 1e-6, 0), scaled(y, 1e5, 0)));
    cases.put("tiny scales", new Case(scaled(x, 1e-30, 0), scaled(y, 1e-30, 0)));
    cases.put("huge scales", new Case(scaled(x, 1e30, 0), scaled(y, 1e30, 0)));
    cases.put("dead units", new Case(with(x, 0, 3), with(y, 0, 1)));
    cases.put("constant units", new Case(with(x, 0.1, 3), with(y, -7.3, 1)));
    cases.put("copied units", new Case(copied(x), copied(y)));
    cases.put("n = p", new Case(Data.layer(8, 8, 3), Data.layer(8, 8, 4)));
    cases.put("n < p", new Case(Data.layer(8, 20, 3), Data.layer(8, 12, 4)));
    cases.put("n < p on one side", new Case(Data.layer(8, 20, 3), Data.layer(8, 3, 4)));
    cases.put("p = 1", new Case(Data.layer(30, 1, 3), Data.layer(30, 1, 4)));
    cases.put("p = 1 on one side", new Case(Data.layer(30, 1, 3), y));
    for (int n = 1; n <= 5; n++) {
      cases.put("n = " + n, new Case(Data.layer(n, 3, 5), Data.layer(n, 2, 6)));
    }
    cases.put("a constant layer", new Case(scaled(x, 0, 0.1), y));
    cases.put("a layer of zeros", new Case(x, scaled(y, 0, 0)));
    cases.put("repeated samples", new Case(repeated(x), repeated(y)));
    cases.put("one sample differs", new Case(spike(30, 4), spike(30, 3)));
    cases.put("few distinct values", new Case(rounded(x), rounded(y)));
    cases.put("nearly copied units", new Case(nearlyCopied(x, 1e-9), nearlyCopied(y, 1e-5)));
    return cases;
  }

  private static double[][] scaled(double[][] values, double scale, double shift) {
    return Data.map(values, (i, j, value) -> value * scale + shift);
  }

  private static double[][] with(double[][] values, double constant, int unit) {
    return Data.map(values, (i, j, value) -> j == unit ? constant : value);
  }

  private static double[][] copied(double[][] values) {
    int width = values[0].length;
    return Data.columns(values, IntStream.range(0, 2 * width).map(j -> j % width).toArray());
  }

  private static double[][] nearlyCopied(double[][] values, double difference) {
    int width = values[0].length;
    return Data.map(
        copied(values), (i, j, value) -> j < width ? value : value + difference * Math.sin(i + j));
  }

  private static double[][] repeated(double[][] values) {
    int[] first = IntStream.range(0, 30).map(i -> i % 10).toArray();
    return Data.reorder(values, first);
  }

  private static double[][] spike(int rows, int columns) {
    return Data.map(new double[rows][columns], (i, j, value) -> i == 2 ? 1 + j : 0);
  }

  private static double[][] rounded(double[][] values) {
    return Data.map(values, (i, j, value) -> Math.rint(value / 2));
  }

  @TestFactory
  Stream<DynamicTest> everyMeasureGivesAValueInItsRangeOrOneClearError() {
    Map<String, Case> cases = cases();
    return Measures.catalogue().stream()
        .flatMap(
            entry ->
                cases.entrySet().stream()
                    .flatMap(
                        named ->
                            Stream.of(true, false)
                                .map(
                                    precise ->
                                        DynamicTest.dynamicTest(
                                            entry.name()
                                                + ", "
                                                + named.getKey()
                                                + (precise ? "" : ", float32"),
                                            () -> check(entry, named.getValue(), precise)))));
  }

  private static void check(MeasureEntry entry, Case layers, boolean precise) {
    check(entry.example(), representation(layers.x, precise), representation(layers.y, precise));
    check(entry.example(), representation(layers.y, precise), representation(layers.x, precise));
    check(entry.example(), representation(layers.x, precise), representation(layers.x, precise));
  }

  private static Representation representation(double[][] values, boolean precise) {
    return precise ? Data.representation("layer", values) : Data.single("layer", values);
  }

  private static void check(Measure<?> measure, Representation x, Representation y) {
    Score score;
    try {
      score = measure.compare(x, y);
    } catch (PalimpsestException refused) {
      assertThat(refused).hasMessageContaining("ayer").hasMessageMatching("(?s).*\\d.*");
      assertThat(refused.getMessage()).doesNotContain("is not a number to report");
      return;
    }
    assertThat(score.range().contains(score.value(), 1e-6)).as("%s", score).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "debiased_linear_cka",
        "minibatch_cka:8",
        "cca_mean",
        "cca_mean_squared",
        "svcca",
        "pwcca",
        "linear_regression_x_from_y",
        "procrustes_normalized",
        "procrustes_angular",
        "shape:0",
        "shape:1",
        "gulp",
        "aligned_cosine"
      })
  void meansAndScalesAndDeadUnitsChangeNothing(String name) {
    double[][] x = Data.layer(30, 6, 1);
    double[][] y = Data.relative(x, 5, 2);
    double expected = value(name, x, y);

    assertThat(value(name, scaled(x, 1, 1e4), scaled(y, 1, -3e3))).isCloseTo(expected, near());
    assertThat(value(name, scaled(x, 1e-6, 0), scaled(y, 1e5, 0))).isCloseTo(expected, near());
    assertThat(value(name, scaled(x, 1e-150, 0), scaled(y, 1e148, 0))).isCloseTo(expected, near());
    assertThat(value(name, padded(x, 0.1), padded(y, 12345.6))).isCloseTo(expected, near());
  }

  @ParameterizedTest
  @CsvSource({
    "cca_mean",
    "cca_mean_squared",
    "shape:0",
    "linear_cka",
    "svcca",
    "procrustes_normalized",
    "gulp"
  })
  void copyingAllUnitsChangesNothing(String name) {
    double[][] x = Data.layer(30, 6, 1);
    double[][] y = Data.relative(x, 5, 2);

    assertThat(value(name, copied(x), copied(y))).isCloseTo(value(name, x, y), near());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cca_mean", "cca_mean_squared", "pwcca", "linear_regression_x_from_y"})
  void fewerSamplesThanFeaturesTellNothingAndSaySo(String name) {
    Score score =
        Measures.parse(name)
            .compare(
                Data.representation("x", Data.layer(8, 20, 3)),
                Data.representation("y", Data.layer(8, 20, 4)));

    assertThat(score.value()).isCloseTo(1, within(1e-9));
    assertThat(score.diagnostics().warnings()).hasSize(1);
  }

  private static double[][] padded(double[][] values, double constant) {
    return Arrays.stream(values)
        .map(
            row -> {
              double[] longer = Arrays.copyOf(row, row.length + 1);
              longer[row.length] = constant;
              return longer;
            })
        .toArray(double[][]::new);
  }

  private static double value(String name, double[][] x, double[][] y) {
    return Measures.parse(name)
        .compare(Data.representation("x", x), Data.representation("y", y))
        .value();
  }

  private static org.assertj.core.data.Offset<Double> near() {
    return within(1e-8);
  }
}
