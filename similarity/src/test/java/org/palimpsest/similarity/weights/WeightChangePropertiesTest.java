package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class WeightChangePropertiesTest {

  private static final int WEIGHTS = 6;

  private static double[] random(long seed, int filters) {
    SplittableRandom random = new SplittableRandom(seed);
    return random.doubles((long) filters * WEIGHTS, -1, 1).toArray();
  }

  private static FilterBank bank(double[] values) {
    return FilterBank.ofRows("layer", values.length / WEIGHTS, List.of(), values);
  }

  private static NetworkChange.Layer change(double[] before, double[] after) {
    return WeightChange.withDefaults().between(bank(before), bank(after));
  }

  private static double[] layerFigures(NetworkChange.Layer change) {
    return change.rows().stream()
        .filter(row -> row.filter().isEmpty())
        .mapToDouble(WeightStatistic::value)
        .toArray();
  }

  /** Figures without a unit, which no common factor may change. */
  private static double[] shares(NetworkChange.Layer change) {
    return new double[] {
      change.relativeChange().orElseThrow(),
      change.meanCosine().orElseThrow(),
      change.meanAngle().orElseThrow(),
      change.signFlips(),
      change.movedShare(),
      change.relativeNormChange().orElseThrow()
    };
  }

  private static double[] reversedFilters(double[] values) {
    double[] reversed = new double[values.length];
    for (int start = 0; start < values.length; start += WEIGHTS) {
      System.arraycopy(values, start, reversed, values.length - start - WEIGHTS, WEIGHTS);
    }
    return reversed;
  }

  private static double[] each(double[] values, UnaryOperator<Double> change) {
    return Arrays.stream(values).map(change::apply).toArray();
  }

  @Property(tries = 50)
  void theOrderOfTheFiltersInBothDoesNotMatter(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 9) int filters) {
    double[] a = random(seed, filters);
    double[] b = random(~seed, filters);

    assertThat(layerFigures(change(reversedFilters(a), reversedFilters(b))))
        .containsExactly(layerFigures(change(a, b)), within(1e-12));
  }

  @Property(tries = 50)
  void aCommonFactorChangesNoShare(
      @ForAll long seed, @ForAll @IntRange(min = -6, max = 6) int decade) {
    double factor = Math.pow(10, decade);
    double[] a = random(seed, 4);
    double[] b = random(~seed, 4);

    assertThat(shares(change(each(a, v -> factor * v), each(b, v -> factor * v))))
        .containsExactly(shares(change(a, b)), within(1e-9));
  }

  @Property(tries = 50)
  void aCommonSignChangesNothing(@ForAll long seed) {
    double[] a = random(seed, 4);
    double[] b = random(~seed, 4);

    assertThat(layerFigures(change(each(a, v -> -v), each(b, v -> -v))))
        .containsExactly(layerFigures(change(a, b)), within(1e-12));
  }

  @Property(tries = 50)
  void distanceIsSymmetricAndZeroOnlyForEquals(@ForAll long seed) {
    double[] a = random(seed, 4);
    double[] b = random(~seed, 4);

    assertThat(change(a, b).distance()).isEqualTo(change(b, a).distance()).isPositive();
    assertThat(change(a, a).distance()).isZero();
    assertThat(change(a, a).meanAngle().orElseThrow()).isZero();
  }

  @Property(tries = 50)
  void theSignOfOneFilterIsNoticed(@ForAll long seed) {
    double[] a = random(seed, 4);
    double[] b = a.clone();
    for (int i = 0; i < WEIGHTS; i++) {
      b[i] = -b[i];
    }

    assertThat(change(a, b).signFlips()).isEqualTo(0.25);
    assertThat(change(a, b).filters().get(0).angle().orElseThrow())
        .isCloseTo(Math.PI, within(1e-12));
  }

  @Property(tries = 50)
  void theOrderOfTheFiltersInOneIsNoticed(@ForAll long seed) {
    double[] a = random(seed, 4);

    assertThat(change(a, reversedFilters(a)).distance()).isPositive();
    assertThat(change(a, reversedFilters(a)).relativeNormChange().orElseThrow())
        .isCloseTo(0, within(1e-12));
  }

  @Property(tries = 50)
  void scalingOneIsNoticedByNormsAndNotByAngles(
      @ForAll long seed, @ForAll @DoubleRange(min = 1.1, max = 10) double factor) {
    double[] a = random(seed, 4);
    NetworkChange.Layer change = change(a, each(a, v -> factor * v));

    assertThat(change.relativeNormChange().orElseThrow()).isCloseTo(factor - 1, within(1e-9));
    assertThat(change.meanAngle().orElseThrow()).isCloseTo(0, within(1e-12));
  }
}
