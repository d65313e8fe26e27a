package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.weights.TestNetworks.array;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** What the way of weights through a run must ignore, and what it must notice. */
class WeightPathPropertiesTest {

  private static List<double[]> checkpoints(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<double[]> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(random.doubles(12, -1, 1).toArray());
    }
    return values;
  }

  private static Weights weights(double[] values) {
    return network("step", tensor("a.weight", LayerKind.LINEAR, array(values, 3, 4)));
  }

  private static WeightPath.Layer along(List<double[]> checkpoints) {
    return WeightPath.along(checkpoints.stream().map(WeightPathPropertiesTest::weights).toList())
        .get(0);
  }

  private static double[] scaled(double[] values, double factor, double shift) {
    double[] other = new double[values.length];
    for (int i = 0; i < other.length; i++) {
      other[i] = factor * values[i] + shift;
    }
    return other;
  }

  @Property(tries = 60)
  void theWayBackIsAsLong(@ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int count) {
    List<double[]> there = checkpoints(seed, count);
    List<double[]> back = new ArrayList<>(there);
    Collections.reverse(back);
    WeightPath.Layer path = along(there);
    WeightPath.Layer reversed = along(back);
    assertThat(reversed.pathLength()).isCloseTo(path.pathLength(), within(1e-12));
    assertThat(reversed.distance()).isCloseTo(path.distance(), within(1e-12));
    assertThat(path.pathLength()).isGreaterThanOrEqualTo(path.distance() - 1e-12);
    assertThat(path.straightness().orElseThrow()).isBetween(0.0, 1.0);
  }

  @Property(tries = 60)
  void aCommonFactorAndACommonShiftChangeNothingButTheUnit(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0.01, max = 1000) double factor,
      @ForAll @DoubleRange(min = -3, max = 3) double shift) {
    List<double[]> plain = checkpoints(seed, 4);
    WeightPath.Layer path = along(plain);
    WeightPath.Layer other =
        along(plain.stream().map(values -> scaled(values, factor, shift)).toList());
    assertThat(other.pathLength()).isCloseTo(factor * path.pathLength(), within(1e-9 * factor));
    assertThat(other.straightness().orElseThrow())
        .isCloseTo(path.straightness().orElseThrow(), within(1e-9));
    for (int f = 0; f < 3; f++) {
      assertThat(other.filters().get(f).straightness().orElseThrow())
          .isCloseTo(path.filters().get(f).straightness().orElseThrow(), within(1e-9));
    }
  }

  @Property(tries = 60)
  void aStopAddsNothingAndADetourSomething(@ForAll long seed) {
    List<double[]> plain = checkpoints(seed, 4);
    WeightPath.Layer path = along(plain);
    List<double[]> stopped = new ArrayList<>(plain);
    stopped.add(2, plain.get(1));
    assertThat(along(stopped).pathLength()).isCloseTo(path.pathLength(), within(1e-12));
    assertThat(along(stopped).steps()).hasSize(4).contains(0.0);
    List<double[]> onTheWay = new ArrayList<>(plain);
    double[] middle = new double[12];
    for (int i = 0; i < 12; i++) {
      middle[i] = (plain.get(1)[i] + plain.get(2)[i]) / 2;
    }
    onTheWay.add(2, middle);
    assertThat(along(onTheWay).pathLength()).isCloseTo(path.pathLength(), within(1e-12));
    List<double[]> detour = new ArrayList<>(plain);
    detour.add(2, scaled(middle, 1, 1));
    assertThat(along(detour).pathLength()).isGreaterThan(path.pathLength() + 1e-6);
    assertThat(along(detour).distance()).isEqualTo(path.distance());
  }

  /**
   * The squares of the filters' distances add up to that of the layer; so do those of each step.
   */
  @Property(tries = 60)
  void filtersMakeTheirLayer(@ForAll long seed) {
    List<double[]> two = checkpoints(seed, 2);
    WeightPath.Layer path = along(two);
    double squares = 0;
    for (WeightPath.Filter filter : path.filters()) {
      squares += filter.distance() * filter.distance();
      assertThat(filter.pathLength()).isEqualTo(filter.distance());
    }
    assertThat(Math.sqrt(squares)).isCloseTo(path.distance(), within(1e-12));
    assertThat(path.steps().get(0)).isCloseTo(path.distance(), within(1e-15));
    assertThat(path.rows()).hasSize(3 * (1 + path.filters().size()));
  }
}
