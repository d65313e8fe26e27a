package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;

class UncertaintyTest {

  private static final double[][] X = Data.layer(50, 5, 1);
  private static final double[][] Y = Data.relative(X, 4, 2);
  private static final PermutationBaseline BASELINE =
      PermutationBaseline.withDefaults().withPermutations(99);

  private static Representation x() {
    return Data.representation("x", X);
  }

  private static Representation y() {
    return Data.representation("y", Y);
  }

  private static Stream<String> catalogue() {
    return Measures.catalogue().stream().map(MeasureEntry::name);
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void everyMeasureHasABaseline(String name) {
    Representation x = Data.representation("x", Data.map(X, (i, j, v) -> Math.abs(v)));
    Representation y =
        Data.representation("y", Data.map(Data.relative(X, 5, 2), (i, j, v) -> Math.abs(v)));
    Measure<?> measure = Measures.parse(name);
    double value = measure.compare(x, y).value();
    PermutationBaseline.Baseline baseline = BASELINE.withPermutations(19).baseline(measure, x, y);

    assertThat(baseline.value()).isEqualTo(value);
    assertThat(baseline.nullMean()).isFinite();
    assertThat(baseline.calibrated()).isFinite();
    assertThat(baseline.pValue()).isBetween(0.05, 1.0);
  }

  @Test
  void theSameSeedGivesTheSameAtAnyNumberOfThreads() throws Exception {
    for (String name : new String[] {"linear_cka", "svcca", "pwcca"}) {
      Measure<?> measure = Measures.parse(name);
      ForkJoinPool one = new ForkJoinPool(1);
      ForkJoinPool four = new ForkJoinPool(4);
      try {
        assertThat(one.submit(() -> BASELINE.baseline(measure, x(), y())).get())
            .isEqualTo(four.submit(() -> BASELINE.baseline(measure, x(), y())).get());
      } finally {
        one.shutdown();
        four.shutdown();
      }
    }
  }

  @Test
  void anotherSeedGivesOtherDraws() {
    Measure<?> measure = Measures.parse("linear_cka");

    assertThat(BASELINE.withSeed(1).baseline(measure, x(), y()).nullMean())
        .isNotEqualTo(BASELINE.withSeed(2).baseline(measure, x(), y()).nullMean());
  }

  /** Each image repeats one value at all of its positions, so that only images are independent. */
  @Test
  void wholeImagesAreDrawnWherePositionsAreTheSamples() {
    double[][] x = repeated(Data.layer(12, 3, 1), 20);
    double[][] y = repeated(Data.relative(Data.layer(12, 3, 1), 2, 2), 20);
    Measure<?> measure = Measures.parse("linear_cka");
    assertThat(BASELINE.baseline(measure, images("x", x, 20), images("y", y, 20)).nullDeviation())
        .isGreaterThan(
            2
                * BASELINE
                    .baseline(measure, Data.representation("x", x), Data.representation("y", y))
                    .nullDeviation());
  }

  private static double[][] repeated(double[][] values, int times) {
    return Data.reorder(
        values, IntStream.range(0, values.length * times).map(i -> i / times).toArray());
  }

  private static Representation images(String layer, double[][] values, int positions) {
    Representation plain = Data.representation(layer, values);
    Representation.Info info = plain.info();
    return new Representation(
        new Representation.Info(
            layer, info.samples(), info.features(), positions, info.probes(), "positions"),
        plain.matrix());
  }

  @ParameterizedTest
  @CsvSource({"60, 90, 40", "50, 50, 50"})
  void biasedCkaOfRandomLayersIsWhatTheirShapesSay(int n, int p, int q) {
    Representation x = Data.representation("x", Data.normal(n, p, 1));
    Representation y = Data.representation("y", Data.normal(n, q, 2));
    double expected = 1 / Math.sqrt((1 + n / (double) p) * (1 + n / (double) q));
    PermutationBaseline.Baseline biased = BASELINE.baseline(Measures.parse("linear_cka"), x, y);
    PermutationBaseline.Baseline debiased =
        BASELINE.baseline(Measures.parse("debiased_linear_cka"), x, y);

    assertThat(biased.nullMean()).isCloseTo(expected, within(0.05 * expected));
    assertThat(debiased.nullMean()).isCloseTo(0, within(0.02));
    assertThat(biased.calibrated()).isCloseTo(0, within(0.1));
  }

  @ParameterizedTest
  @CsvSource({"linear_cka", "procrustes_angular"})
  void pValuesOfUnrelatedLayersAreSpreadEvenly(String name) {
    Measure<?> measure = Measures.parse(name);
    double[] values =
        IntStream.range(0, 80)
            .mapToDouble(
                trial ->
                    BASELINE
                        .withSeed(trial)
                        .baseline(
                            measure,
                            Data.representation("x", Data.normal(15, 3, 2 * trial)),
                            Data.representation("y", Data.normal(15, 2, 2 * trial + 1)))
                        .pValue())
            .sorted()
            .toArray();
    double distance =
        IntStream.range(0, values.length)
            .mapToDouble(i -> Math.abs(values[i] - (i + 0.5) / values.length))
            .max()
            .orElseThrow();

    assertThat(distance).isLessThan(1.63 / Math.sqrt(values.length));
    assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(0.5, within(0.12));
  }

  @Test
  void relatedLayersHaveTheLeastPValueAndEqualOnesAreCalibratedToOne() {
    PermutationBaseline.Baseline related =
        BASELINE.baseline(Measures.parse("linear_cka"), x(), y());
    PermutationBaseline.Baseline equal =
        BASELINE.baseline(Measures.parse("procrustes_angular"), x(), x());

    assertThat(related.pValue()).isEqualTo(0.01);
    assertThat(related.calibrated()).isBetween(0.1, related.value());
    assertThat(equal.calibrated()).isCloseTo(1, within(1e-6));
  }

  @Test
  void whatTellsNothingIsCalibratedToZero() {
    Representation x = Data.representation("x", Data.layer(8, 20, 1));
    PermutationBaseline.Baseline baseline =
        BASELINE.baseline(
            Measures.parse("cca_mean"), x, Data.representation("y", Data.layer(8, 20, 2)));

    assertThat(baseline.nullMean()).isCloseTo(1, within(1e-9));
    assertThat(baseline.pValue()).isEqualTo(1);
    assertThat(baseline.calibrated()).isZero();
  }

  @Test
  void tooFewProbesAndSenselessSettingsAreRefused() {
    Representation one = images("x", X, 50);

    assertThatThrownBy(() -> BASELINE.baseline(Measures.parse("linear_cka"), one, one))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'x' has 50 samples of 1 probe");
    assertThatThrownBy(() -> BASELINE.withPermutations(0)).isInstanceOf(PalimpsestException.class);
  }
}
