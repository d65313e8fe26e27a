package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.weights.TestNetworks.array;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class WeightPathTest {

  private static Weights at(String layer, double... weights) {
    return network(
        "step", tensor(layer + ".weight", LayerKind.LINEAR, array(weights, 2, weights.length / 2)));
  }

  private static Weights moment(GoldenWeights golden, String moment) {
    double[] values = GoldenWeights.numbers(golden.node().get(moment));
    return network(
        moment, tensor(golden.layer() + ".weight", golden.kind(), array(values, golden.shape())));
  }

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void agreesWithNumPy(GoldenWeights golden) {
    WeightPath.Layer path =
        WeightPath.along(
                List.of(
                    moment(golden, "before"), moment(golden, "middle"), moment(golden, "after")))
            .get(0);

    assertThat(path.pathLength()).isCloseTo(golden.expected("path", "path_length"), within(1e-12));
    assertThat(path.straightness().orElseThrow())
        .isCloseTo(golden.expected("path", "straightness"), within(1e-12));
  }

  @Test
  void aDetourIsLongerThanTheWay() {
    WeightPath.Layer path =
        WeightPath.along(List.of(at("a", 0, 0, 5, 5), at("a", 3, 0, 5, 5), at("a", 3, 4, 5, 5)))
            .get(0);

    assertThat(path.steps()).containsExactly(3.0, 4.0);
    assertThat(path.distance()).isEqualTo(5);
    assertThat(path.straightness()).hasValue(5.0 / 7);
    assertThat(path.filters().get(0).straightness()).hasValue(5.0 / 7);
    assertThat(path.filters().get(1).straightness()).isEmpty();
    assertThat(path.rows()).extracting(WeightStatistic::statistic).contains("path_length");
  }

  @Test
  void aStraightLineHasStraightnessOne() {
    WeightPath.Layer path =
        WeightPath.along(List.of(at("a", 0, 0), at("a", 1, 2), at("a", 2, 4))).get(0);

    assertThat(path.straightness().orElseThrow()).isCloseTo(1, within(1e-15));
  }

  @Test
  void oneCheckpointIsNoPath() {
    assertThatThrownBy(() -> WeightPath.along(List.of(at("a", 1, 2))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("at least two");
  }

  @Test
  void aLayerThatVanishesIsNamed() {
    Weights both =
        network(
            "both",
            tensor("a.weight", LayerKind.LINEAR, array(new double[] {1, 2}, 2, 1)),
            tensor("b.weight", LayerKind.LINEAR, array(new double[] {1, 2}, 2, 1)));

    assertThatThrownBy(() -> WeightPath.along(List.of(both, at("a", 1, 2))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("name=b");
  }
}
