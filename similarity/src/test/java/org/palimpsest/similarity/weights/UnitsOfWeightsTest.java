package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.FilterRandomness;

/**
 * The unit of weights is arbitrary where a normalisation follows: statistics without a unit do not
 * change with it, the others do so in proportion, as small or large as numbers are.
 */
class UnitsOfWeightsTest {

  private static final Set<String> IN_THE_UNIT =
      Set.of(
          "distance",
          "mean_absolute_change",
          "threshold",
          "norm_before",
          "norm_after",
          "path_length");
  private static final int FILTERS = 6;
  private static final int CHANNELS = 3;

  private static double[] drawn(long seed) {
    return new java.util.SplittableRandom(seed)
        .doubles((long) FILTERS * CHANNELS * 9, -1, 1)
        .toArray();
  }

  /** Half of the way from one start to another, a different one for each step. */
  private static Weights step(int step, double unit) {
    double[] start = drawn(1);
    double[] towards = drawn(step + 2L);
    double[] values =
        IntStream.range(0, start.length)
            .mapToDouble(i -> unit * (start[i] + 0.2 * step * towards[i]))
            .toArray();
    double[] bias = IntStream.range(0, FILTERS).mapToDouble(i -> unit * (i + step)).toArray();
    return TestNetworks.network(
        "step " + step,
        TestNetworks.tensor(
            "conv.weight",
            LayerKind.CONVOLUTION,
            TestNetworks.array(values, FILTERS, CHANNELS, 3, 3)),
        TestNetworks.tensor("conv.bias", LayerKind.CONVOLUTION, TestNetworks.array(bias, FILTERS)));
  }

  private static void assertInUnit(
      List<WeightStatistic> plain, List<WeightStatistic> inUnit, double unit) {
    assertThat(inUnit).hasSameSizeAs(plain);
    for (int i = 0; i < plain.size(); i++) {
      WeightStatistic one = plain.get(i);
      WeightStatistic other = inUnit.get(i);
      double factor = IN_THE_UNIT.contains(one.statistic()) ? unit : 1;

      assertThat(other.statistic()).isEqualTo(one.statistic());
      assertThat(other.value() / factor)
          .as("%s of filter %s times %s", one.statistic(), one.filter(), unit)
          .isCloseTo(one.value(), within(1e-9 * Math.max(1, Math.abs(one.value()))));
      assertThat(other.p().isPresent()).isEqualTo(one.p().isPresent());
      assertThat(Math.log(other.p().orElse(1)))
          .as("log p of %s times %s", one.statistic(), unit)
          .isCloseTo(Math.log(one.p().orElse(1)), within(1e-6));
      assertThat(other.low().isPresent()).isEqualTo(one.low().isPresent());
      assertThat(other.low().orElse(0)).isCloseTo(one.low().orElse(0), within(1e-9));
      assertThat(other.high().orElse(0)).isCloseTo(one.high().orElse(0), within(1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-170, 0x1p-40, 1e9, 1e170, 1e300})
  void changesOfWeightsAreInTheirUnitOrHaveNone(double unit) {
    assertInUnit(
        WeightChange.withDefaults().between(step(0, 1), step(1, 1)).rows(),
        WeightChange.withDefaults().between(step(0, unit), step(1, unit)).rows(),
        unit);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 0x1p-40, 1e300})
  void anAbsoluteThresholdIsInTheUnitToo(double unit) {
    assertInUnit(
        WeightChange.withDefaults()
            .withAbsoluteThreshold(0.1)
            .between(step(0, 1), step(1, 1))
            .rows(),
        WeightChange.withDefaults()
            .withAbsoluteThreshold(0.1 * unit)
            .between(step(0, unit), step(1, unit))
            .rows(),
        unit);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 0x1p-40, 1e9, 1e300})
  void pathsOfWeightsAreInTheirUnitOrHaveNone(double unit) {
    List<WeightPath.Layer> plain =
        WeightPath.along(List.of(step(0, 1), step(1, 1), step(2, 1), step(3, 1)));
    List<WeightPath.Layer> inUnit =
        WeightPath.along(List.of(step(0, unit), step(1, unit), step(2, unit), step(3, unit)));

    assertThat(inUnit).hasSameSizeAs(plain).hasSize(1);
    assertInUnit(plain.get(0).rows(), inUnit.get(0).rows(), unit);
  }

  /** Directions alone count, in either network. */
  @ParameterizedTest
  @EnumSource(FilterDistance.Proximity.class)
  void theNearestFiltersAreThoseOfAnyUnit(FilterDistance.Proximity proximity) {
    FilterDistance distance = FilterDistance.by(proximity).withSimulations(99);
    List<WeightStatistic> plain = distance.compare(step(0, 1), step(3, 1)).rows();

    for (double unit : new double[] {1e-300, 1e-170, 0x1p-40, 1e170, 1e300}) {
      assertInUnit(plain, distance.compare(step(0, unit), step(3, 1)).rows(), unit);
      assertInUnit(plain, distance.compare(step(0, 1), step(3, unit)).rows(), unit);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-70, 0x1p-40, 1e9, 1e70})
  void whetherFiltersLookRandomDoesNotDependOnTheirUnit(double unit) {
    FilterRandomness random = FilterRandomness.withDefaults().withSimulations(99);

    List<WeightStatistic> plain = random.test(step(2, 1)).rows();
    List<WeightStatistic> inUnit = random.test(step(2, unit)).rows();
    assertThat(inUnit).hasSameSizeAs(plain);
    for (int i = 0; i < plain.size(); i++) {
      WeightStatistic one = plain.get(i);
      assertThat(inUnit.get(i).p().orElse(0))
          .as("p of %s times %s", one.statistic(), unit)
          .isCloseTo(one.p().orElse(0), within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({"1e-100, small", "1e100, large"})
  void weightsWhoseFourthPowersAreNoNumbersAreRefused(double unit, String size) {
    assertThatThrownBy(() -> FilterRandomness.withDefaults().test(step(2, unit)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'conv'", "too " + size, "Divide the network's weights");
  }

  @Test
  void aNormThatNoNumberHoldsIsRefused() {
    Weights huge = step(0, Double.MAX_VALUE / 4);

    assertThatThrownBy(() -> WeightChange.withDefaults().between(huge, step(1, 1)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("weights", "more than a number holds", "use another checkpoint");
  }
}
