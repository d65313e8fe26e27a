package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;

/**
 * The unit in which a layer's activations are told is nobody's choice: it changes neither a value,
 * nor its interval, nor its p value, nor what is said of it. Measures that have a unit themselves
 * give all of these in that of the layers.
 */
class UnitsOfLayersTest {

  private static final int IMAGES = 30;
  private static final int POSITIONS = 2;
  private static final double[] UNITS = {0x1p-40, 1e-100, 1e100};
  private static final List<String> WITH_A_UNIT =
      List.of(
          "procrustes_size_and_shape",
          "permutation_procrustes",
          "rsm_norm_difference",
          "magnitude_difference");

  private static final double[][] X = Data.layer(IMAGES * POSITIONS, 5, 1);
  private static final double[][] Y = Data.relative(X, 5, 2);

  /** Everything that is said of two layers by a measure. */
  private record Said(Score score, Interval interval, PermutationBaseline.Baseline baseline) {

    static Said of(Measure<?> measure, double unitOfX, double unitOfY) {
      Representation x = layer(X, unitOfX);
      Representation y = layer(Y, unitOfY);
      return new Said(
          measure.compare(x, y),
          Intervals.withDefaults().withDraws(60).of(measure, x, y),
          PermutationBaseline.withDefaults().withPermutations(30).baseline(measure, x, y));
    }
  }

  private static Representation layer(double[][] values, double unit) {
    return Data.images(Data.map(values, (i, j, value) -> unit * Math.abs(value)), POSITIONS);
  }

  private static boolean ignoresScale(Measure<?> measure) {
    return measure.properties().ignores().contains(Transformation.ISOTROPIC_SCALING);
  }

  @TestFactory
  Stream<DynamicTest> theUnitOfALayerChangesNothing() {
    return Measures.catalogue().stream()
        .map(MeasureEntry::example)
        .filter(UnitsOfLayersTest::ignoresScale)
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () -> {
                      Said plain = Said.of(measure, 1, 1);
                      for (double unit : UNITS) {
                        assertSame(
                            plain, Said.of(measure, unit, 1), 1, "first layer times " + unit);
                        assertSame(plain, Said.of(measure, 1, unit), 1, "second times " + unit);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> measuresWithAUnitGiveAllInThatOfTheLayers() {
    return WITH_A_UNIT.stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name,
                    () -> {
                      Measure<?> measure = Measures.parse(name);
                      assertThat(ignoresScale(measure)).isFalse();
                      Said plain = Said.of(measure, 1, 1);
                      for (double unit : UNITS) {
                        assertSame(plain, Said.of(measure, unit, unit), unit, "times " + unit);
                      }
                    }));
  }

  private static void assertSame(Said plain, Said other, double factor, String what) {
    assertThat(other.score.value() / factor)
        .as("value, %s", what)
        .isCloseTo(plain.score.value(), near(plain.score.value(), 1e-9));
    assertSame(plain.interval, other.interval, factor, what);
    assertSame(plain.baseline, other.baseline, factor, what);
    if (factor == 1) {
      assertThat(other.score.diagnostics().warnings())
          .as("warnings, %s", what)
          .isEqualTo(plain.score.diagnostics().warnings());
    }
  }

  private static void assertSame(Interval plain, Interval other, double factor, String what) {
    assertThat(other.units()).isEqualTo(plain.units());
    assertThat(other).as("interval, %s", what).hasSameClassAs(plain);
    if (plain instanceof Interval.Known known && other instanceof Interval.Known same) {
      double width = known.high() - known.low();

      assertThat(same.low() / factor)
          .as("low end, %s", what)
          .isCloseTo(known.low(), near(width, 1e-6));
      assertThat(same.high() / factor)
          .as("high end, %s", what)
          .isCloseTo(known.high(), near(width, 1e-6));
      assertThat(same.method()).isEqualTo(known.method());
    }
  }

  private static void assertSame(
      PermutationBaseline.Baseline plain,
      PermutationBaseline.Baseline other,
      double factor,
      String what) {
    assertThat(other.pValue()).as("p value, %s", what).isEqualTo(plain.pValue());
    assertThat(other.nullMean() / factor)
        .as("mean of permutations, %s", what)
        .isCloseTo(plain.nullMean(), near(plain.nullMean(), 1e-9));
    assertThat(other.calibrated())
        .as("calibrated, %s", what)
        .isCloseTo(plain.calibrated(), within(1e-6));
  }

  private static Offset<Double> near(double size, double relative) {
    return within(relative * Math.max(1e-3, Math.abs(size)));
  }
}
