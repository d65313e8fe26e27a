package org.palimpsest.similarity.cka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.cka.CentredKernel.RbfCka;
import org.palimpsest.similarity.internal.intervals.ImageSide;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.uncertainty.Intervals;

/** The bandwidth is that of the images shown, also where one of them is left out. */
class MedianBandwidthTest {

  private static double[][] x(int rows) {
    return Data.layer(rows, 5, 1);
  }

  private static double[][] nearlyTheSame(double[][] x) {
    double[][] noise = Data.normal(x.length, x[0].length, 9);
    return Data.map(x, (i, j, value) -> value + 0.1 * noise[i][j]);
  }

  private static CentredKernel kernel(RbfCka measure, double[][] values, int positions) {
    return ((CentredKernelComputation) measure.computation())
        .preparation()
        .prepare(Data.images(values, positions));
  }

  private static double[] moves(
      RbfCka measure,
      double[][] x,
      double[][] y,
      int positions,
      Function<CentredKernel, ImageSide> side) {
    JackknifeValues values =
        ImageSide.alignment(
            side.apply(kernel(measure, x, positions)), side.apply(kernel(measure, y, positions)));
    return Arrays.stream(values.without())
        .map(one -> artanh(one) - artanh(values.value()))
        .toArray();
  }

  /** Of the score computed anew of all images but each. */
  private static double[] movesAnew(RbfCka measure, double[][] x, double[][] y, int positions) {
    double all = anew(measure, x, y, positions);
    return IntStream.range(0, x.length / positions)
        .mapToDouble(
            image -> {
              int[] kept =
                  IntStream.range(0, x.length).filter(r -> r / positions != image).toArray();
              return anew(measure, Data.reorder(x, kept), Data.reorder(y, kept), positions) - all;
            })
        .toArray();
  }

  private static double anew(RbfCka measure, double[][] x, double[][] y, int positions) {
    return artanh(
        ImageSide.alignment(
                kernel(measure, x, positions).byImages(), kernel(measure, y, positions).byImages())
            .value());
  }

  private static double artanh(double value) {
    return (Math.log1p(value) - Math.log1p(-value)) / 2;
  }

  private static double furthest(double[] some, double[] others) {
    return IntStream.range(0, some.length)
        .mapToDouble(i -> Math.abs(some[i] - others[i]))
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "9, 1, 0.5",
    "10, 1, 0.5",
    "30, 1, 0.5",
    "9, 3, 0.5",
    "10, 4, 0.5",
    "30, 1, 1",
    "30, 1, 0.2",
    "100, 1, 0.5",
    "12, 8, 4",
    "50, 1, 4",
    "50, 1, 0.25"
  })
  void movesWithEachImage(int images, int positions, double fraction) {
    RbfCka measure = new RbfCka(fraction);
    double[][] x = x(images * positions);
    double[][] y = nearlyTheSame(x);
    double[] expected = movesAnew(measure, x, y, positions);
    double[] found = moves(measure, x, y, positions, CentredKernel::gaussianByImages);
    double[] kept = moves(measure, x, y, positions, CentredKernel::byImages);
    double most = furthest(expected, new double[images]);

    assertThat(furthest(found, expected))
        .isLessThan(0.02 * most)
        .isLessThan(furthest(kept, expected) / 2);
  }

  @Test
  void aKernelTooNarrowToTellTheMedianHasNoInterval() {
    RbfCka narrow = new RbfCka(0.1);
    double[][] x = x(30);

    assertThat(
            Intervals.withDefaults()
                .of(narrow, Data.images(x, 1), Data.images(nearlyTheSame(x), 1)))
        .isInstanceOfSatisfying(
            Interval.Refused.class,
            refused -> assertThat(refused.reason()).contains("0.15 or more"));
  }
}
