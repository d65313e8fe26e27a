package org.palimpsest.reproduction.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.reproduction.IndependentValues;

class RasterTest {

  /** SciPy's gaussian_filter with repeated edges. */
  @Test
  void blurIsThatOfSciPy() {
    List<JsonNode> cases = IndependentValues.cases("blurs");
    assertThat(cases).hasSize(5);
    for (JsonNode one : cases) {
      Raster raster =
          Raster.of(
              IndependentValues.floats(one.get("values")),
              IndependentValues.integers(one.get("extents")));
      float[] blurred = values(raster.blurred(one.get("deviation").doubleValue()));
      List<Double> expected = IndependentValues.numbers(one.get("expected"));
      for (int i = 0; i < blurred.length; i++) {
        assertThat((double) blurred[i])
            .as("%s, deviation %s, value %s", one.get("extents"), one.get("deviation"), i)
            .isCloseTo(expected.get(i), within(1e-6));
      }
    }
  }

  @Provide
  Arbitrary<Raster> rasters() {
    Arbitrary<int[]> extents =
        Arbitraries.integers().between(1, 6).array(int[].class).ofMinSize(2).ofMaxSize(3);
    return extents.flatMap(
        shape -> {
          int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
          return Arbitraries.floats()
              .between(-100, 100)
              .array(float[].class)
              .ofSize(size)
              .map(values -> Raster.of(values, shape));
        });
  }

  @Property(tries = 100)
  void mirroringMovesEachValueToTheOtherEndOfItsAxis(@ForAll("rasters") Raster raster) {
    int[] extents = raster.extents();
    double[] position = new double[raster.rank()];
    for (int axis = 0; axis < raster.rank(); axis++) {
      Raster flipped = raster.flipped(axis);
      for (int i = 0; i < raster.size(); i++) {
        raster.locate(i, position);
        position[axis] = extents[axis] - 1 - position[axis];
        assertThat(flipped.get(index(position, extents))).isEqualTo(raster.get(i));
      }
    }
  }

  private static int index(double[] position, int[] extents) {
    int index = 0;
    for (int axis = 0; axis < extents.length; axis++) {
      index = index * extents[axis] + (int) position[axis];
    }
    return index;
  }

  @Property(tries = 100)
  void aBlurOfTheMirroredIsTheMirroredBlur(
      @ForAll("rasters") Raster raster, @ForAll @DoubleRange(min = 0.2, max = 2) double deviation) {
    for (int axis = 0; axis < raster.rank(); axis++) {
      assertClose(
          values(raster.flipped(axis).blurred(deviation)),
          values(raster.blurred(deviation).flipped(axis)),
          1e-4);
    }
  }

  @Property(tries = 100)
  void aBlurStaysWithinTheValuesAndLeavesConstantsAlone(
      @ForAll("rasters") Raster raster, @ForAll @DoubleRange(min = 0.2, max = 2) double deviation) {
    float[] given = values(raster);
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : given) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    for (float value : values(raster.blurred(deviation))) {
      assertThat(value).isBetween(least - 1e-4f, most + 1e-4f);
    }
    Arrays.fill(given, 7.5f);
    assertThat(values(Raster.of(given, raster.extents()).blurred(deviation))).containsOnly(7.5f);
  }

  @Property(tries = 100)
  void standardisingIgnoresBrightnessAndContrast(
      @ForAll("rasters") Raster raster,
      @ForAll @DoubleRange(min = 0.5, max = 4) double contrast,
      @ForAll @DoubleRange(min = -10, max = 10) double brightness) {
    double[] moments = moments(values(raster));
    if (moments[1] < 1) {
      return;
    }
    Raster other = Raster.zeros(raster.extents());
    for (int i = 0; i < other.size(); i++) {
      other.set(i, contrast * raster.get(i) + brightness);
    }
    float[] standardised = values(raster.standardised());
    assertThat(moments(standardised)[0]).isCloseTo(0, within(1e-4));
    assertThat(moments(standardised)[1]).isCloseTo(1, within(1e-4));
    assertClose(values(other.standardised()), standardised, 1e-3);
  }

  /** A patch of one grey must not become a patch of ones by what rounding leaves. */
  @Property(tries = 200)
  void constantsBecomeZero(
      @ForAll @DoubleRange(min = -1000, max = 1000) double grey,
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns) {
    float[] constant = new float[rows * columns];
    Arrays.fill(constant, (float) grey);
    for (float value : values(Raster.of(constant, rows, columns).standardised())) {
      assertThat(Math.abs(value)).isZero();
    }
  }

  @Test
  void smoothNoiseIsStandardisedAndSmootherTheLargerItsFeatures() {
    double before = Double.POSITIVE_INFINITY;
    for (double scale : new double[] {0.5, 1, 2, 4}) {
      Raster noise = Raster.smoothNoise(new Random(3), scale, 24, 24);
      assertThat(moments(values(noise))[1]).isCloseTo(1, within(1e-4));
      double steps = 0;
      for (int i = 1; i < noise.size(); i++) {
        steps += i % 24 == 0 ? 0 : Math.abs(noise.get(i) - noise.get(i - 1));
      }
      assertThat(steps).isLessThan(before);
      before = steps;
    }
  }

  @Test
  void anotherShapeOfTheSameValuesIsReadInCOrder() {
    Raster raster = Raster.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
    double[] position = new double[2];
    raster.locate(4, position);
    assertThat(position).containsExactly(1, 1);
    assertThat(values(raster.flipped(0))).containsExactly(3, 4, 5, 0, 1, 2);
    assertThat(values(raster.flipped(1))).containsExactly(2, 1, 0, 5, 4, 3);
    float[] target = new float[8];
    raster.copyTo(target, 2);
    assertThat(target).containsExactly(0, 0, 0, 1, 2, 3, 4, 5);
  }

  private static double[] moments(float[] values) {
    double mean = 0;
    for (float value : values) {
      mean += (double) value / values.length;
    }
    double variance = 0;
    for (float value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    return new double[] {mean, variance};
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(tolerance));
    }
  }

  private static float[] values(Raster raster) {
    float[] values = new float[raster.size()];
    raster.copyTo(values, 0);
    return values;
  }
}
