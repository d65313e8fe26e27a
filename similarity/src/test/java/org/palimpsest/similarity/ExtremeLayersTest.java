package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** Extreme scales, large means and lopsided samples, and all pairs at once. */
class ExtremeLayersTest {

  private static final int SAMPLES = 30;
  private static final double[][] X = Data.layer(SAMPLES, 6, 1);
  private static final double[][] Y = Data.relative(X, 6, 2);

  private record Pair(Representation x, Representation y) {}

  private static Map<String, Pair> pairs() {
    Map<String, Pair> pairs = new LinkedHashMap<>();
    pairs.put("two constant layers", doubles(change((i, j, v) -> 3), change((i, j, v) -> 3)));
    pairs.put("two different samples", doubles(repeated(X, 2), Y));
    pairs.put("one sample unlike the rest", doubles(change((i, j, v) -> i == 7 ? v : 1), Y));
    pairs.put("an outlier", doubles(change((i, j, v) -> i == 3 && j == 1 ? 1e8 : v), Y));
    pairs.put("silent samples", doubles(change((i, j, v) -> i % 3 == 0 ? 0 : v), Y));
    pairs.put("huge beside tiny values", doubles(times(X, 1e148), times(Y, 1e-150)));
    pairs.put("huge float32 values", singles(times(X, 1e35), times(Y, 1e35)));
    pairs.put("tiny float32 values", singles(times(X, 1e-35), times(Y, 1e-35)));
    return pairs;
  }

  @TestFactory
  Stream<DynamicTest> giveAValueInTheRangeOrNameTheLayer() {
    return pairs().entrySet().stream()
        .flatMap(
            pair ->
                names().stream()
                    .map(
                        name ->
                            DynamicTest.dynamicTest(
                                pair.getKey() + ": " + name,
                                () -> valueOrClearError(name, pair.getValue()))));
  }

  private static void valueOrClearError(String name, Pair pair) {
    try {
      Score score = Measures.parse(name).compare(pair.x(), pair.y());
      assertThat(score.range().contains(score.value(), 1e-6)).as("%s", score).isTrue();
    } catch (PalimpsestException clear) {
      assertThat(clear).hasMessageMatching("(?s).*'(x|y)'.*").hasMessageMatching("(?s).*\\d.*");
    }
  }

  @TestFactory
  Stream<DynamicTest> extremeScalesChangeNothingWhereScaleIsIgnored() {
    return ignoring(Transformation.ISOTROPIC_SCALING)
        .flatMap(
            measure ->
                Stream.of(1e-140, 1e140)
                    .map(
                        factor ->
                            DynamicTest.dynamicTest(
                                measure.name() + " " + factor,
                                () ->
                                    assertThat(value(measure, doubles(times(X, factor), Y)))
                                        .isCloseTo(value(measure, doubles(X, Y)), within(1e-9)))));
  }

  @TestFactory
  Stream<DynamicTest> featuresThatVanishBesideOthersCorrelateAllTheSame() {
    double[] factors = {1e149, 1, 1e-12, 1e-150, 1e-200, 1e-300};
    double[][] scaled = change((i, j, v) -> v / 4 * factors[j]);
    double[][] constant = change((i, j, v) -> j == 4 ? 1e-200 : v / 4 * factors[j]);
    double[][] silent = change((i, j, v) -> j == 4 ? 1 : v);
    return Stream.of("hard_correlation_match", "soft_correlation_match")
        .map(Measures::parse)
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () -> {
                      Score score = measure.compare(Data.representation("x", scaled), y());
                      assertThat(score.value())
                          .isCloseTo(value(measure, doubles(X, Y)), within(1e-13));
                      assertThat(score.diagnostics().warnings()).noneMatch(w -> w.contains("vary"));
                      Score ofFive = measure.compare(Data.representation("x", constant), y());
                      assertThat(ofFive.value())
                          .isCloseTo(value(measure, doubles(silent, Y)), within(1e-13));
                      assertThat(ofFive.diagnostics().warnings())
                          .anyMatch(w -> w.startsWith("1 of the 6 features of layer 'x' never"));
                    }));
  }

  private static Representation y() {
    return Data.representation("y", Y);
  }

  @TestFactory
  Stream<DynamicTest> largeMeansChangeNothingWhereTranslationIsIgnored() {
    return ignoring(Transformation.TRANSLATION)
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () ->
                        assertThat(value(measure, doubles(change((i, j, v) -> v + 1e4), Y)))
                            .isCloseTo(value(measure, doubles(X, Y)), within(1e-7))));
  }

  @TestFactory
  Stream<DynamicTest> comparingAllIsComparingEach() {
    return names().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> comparesAllAsEach(Measures.parse(name))));
  }

  private static <P extends org.palimpsest.core.measure.Prepared> void comparesAllAsEach(
      Measure<P> measure) {
    List<P> rows = prepared(measure, X, Data.layer(SAMPLES, 6, 21));
    List<P> columns = prepared(measure, Y, Data.layer(SAMPLES, 6, 22), X);
    List<List<Score>> all = measure.compareAll(rows, columns);

    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        Score one = measure.compare(rows.get(i), columns.get(j));
        Score ofAll = all.get(i).get(j);
        assertThat(ofAll.value()).isCloseTo(one.value(), within(1e-9 * (1 + one.value())));
        assertThat(ofAll.diagnostics()).isEqualTo(one.diagnostics());
      }
    }
  }

  private static <P extends org.palimpsest.core.measure.Prepared> List<P> prepared(
      Measure<P> measure, double[][]... layers) {
    return Stream.of(layers)
        .map(layer -> measure.preparation().prepare(Data.representation("layer", layer)))
        .toList();
  }

  private static Stream<Measure<?>> ignoring(Transformation transformation) {
    return names().stream()
        .<Measure<?>>map(Measures::parse)
        .filter(measure -> measure.properties().ignores().contains(transformation));
  }

  private static List<String> names() {
    return Stream.concat(
            Measures.catalogue().stream().map(MeasureEntry::name), Variants.NAMES.stream())
        .toList();
  }

  private static double value(Measure<?> measure, Pair pair) {
    return measure.compare(pair.x(), pair.y()).value();
  }

  private static double[][] change(Data.Entry entry) {
    return Data.map(X, entry);
  }

  private static double[][] times(double[][] layer, double factor) {
    return Data.map(layer, (i, j, value) -> value * factor);
  }

  private static double[][] repeated(double[][] layer, int different) {
    return Data.map(layer, (i, j, value) -> layer[i % different][j]);
  }

  private static Pair doubles(double[][] x, double[][] y) {
    return new Pair(Data.representation("x", x), Data.representation("y", y));
  }

  private static Pair singles(double[][] x, double[][] y) {
    return new Pair(Data.single("x", x), Data.single("y", y));
  }
}
