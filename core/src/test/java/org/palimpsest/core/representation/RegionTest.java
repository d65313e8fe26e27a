package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.representation.FeatureMaps.Grid;

class RegionTest {

  /** Position p of channel c of probe n holds 100 n + 10 c + p. */
  private static Activations layer(String name, int probes, int channels, int height, int width) {
    INDArray values = Nd4j.create(DataType.FLOAT, probes, channels, height, width);
    for (int n = 0; n < probes; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < height * width; p++) {
          values.putScalar(new int[] {n, c, p / width, p % width}, 100 * n + 10 * c + p);
        }
      }
    }
    return Activations.of(name, values);
  }

  private static LayerMatrices of(Activations... layers) {
    return LayerMatrices.of(
        ActivationSet.of(new Provenance("network", "", List.of()), "network", List.of(layers)),
        FeatureMaps.positions());
  }

  private static INDArray masks(double[]... probes) {
    return Nd4j.create(probes).castTo(DataType.FLOAT).reshape('c', probes.length, 2, 3);
  }

  @Test
  void ofEverythingAllRowsAreLeft() {
    LayerMatrices all = of(layer("a", 2, 2, 2, 3));
    LayerMatrices narrowed = Region.foreground(Nd4j.ones(DataType.FLOAT, 2, 2, 3)).of(all);
    Grid grid = narrowed.grid("a");
    assertThat(narrowed.get("a", grid).matrix()).isEqualTo(all.get("a", grid).matrix());
    assertThat(narrowed.get("a", grid).info().rowsPerProbe()).isEqualTo(6);
    assertThat(narrowed.describe(grid))
        .isEqualTo("positions 2x3 in the foreground, 6 of each of 2 probes");
  }

  @Test
  void rowsOfALabelAreThoseOfItsPositions() {
    LayerMatrices all = of(layer("a", 2, 2, 2, 3));
    INDArray masks = masks(new double[] {1, 0, 2, 1, 2, 0}, new double[] {0, 1, 1, 2, 2, 0});
    Grid grid = Grid.of(2, 3);
    assertThat(Region.ofLabel(masks, 1).of(all).get("a", grid).toArray())
        .isEqualTo(new double[][] {{0, 10}, {3, 13}, {101, 111}, {102, 112}});
    assertThat(Region.ofLabel(masks, 2).of(all).get("a", grid).toArray())
        .isEqualTo(new double[][] {{2, 12}, {4, 14}, {103, 113}, {104, 114}});
  }

  /** Of a 2x3 mask on a grid of 1x2, each position covers one and a half columns. */
  @Test
  void aPositionOfACoarserGridIsWithinByHalfOfItsArea() {
    LayerMatrices all = of(layer("a", 1, 1, 1, 2), layer("b", 1, 1, 2, 3));
    Grid coarse = Grid.of(1, 2);
    INDArray left = masks(new double[] {1, 0, 0, 1, 0, 0});
    assertThat(Region.ofLabel(left, 1).of(all).get("a", coarse).toArray())
        .isEqualTo(new double[][] {{0}});
    INDArray half = masks(new double[] {1, 1, 0, 0, 0, 0});
    assertThat(Region.ofLabel(half, 1).of(all).get("b", coarse).toArray()).hasDimensions(1, 1);
    INDArray less = masks(new double[] {1, 0, 0, 0, 0, 0});
    assertThatThrownBy(() -> Region.ofLabel(less, 1).of(all).get("a", coarse))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("No position of the grid 1x2", "label 1");
    assertThat(Region.ofLabel(less, 1).of(all).describe(coarse)).endsWith("label 1, nowhere");
  }

  @Property(tries = 50)
  void probesCountAlikeAndLayersShareTheirPositions(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int most) {
    LayerMatrices all = of(layer("a", 3, 1, 2, 3), layer("b", 3, 1, 2, 3));
    INDArray masks =
        masks(
            new double[] {1, 1, 1, 1, 0, 0},
            new double[] {0, 0, 0, 0, 0, 0},
            new double[] {0, 1, 1, 1, 0, 0});
    LayerMatrices narrowed = Region.foreground(masks).withPositionsPerProbe(most, seed).of(all);
    int each = Math.min(most, 3);
    Representation a = narrowed.get("a", Grid.of(2, 3));
    assertThat(a.samples()).isEqualTo(2L * each);
    assertThat(a.info().rowsPerProbe()).isEqualTo(each);
    assertThat(narrowed.get("b", Grid.of(2, 3)).matrix()).isEqualTo(a.matrix());
    List<Double> rows = new ArrayList<>();
    for (double[] row : a.toArray()) {
      rows.add(row[0]);
    }
    assertThat(rows).isSorted().doesNotHaveDuplicates();
    assertThat(rows.subList(0, each)).allMatch(value -> value < 4);
    assertThat(rows.subList(each, rows.size())).allMatch(value -> value > 200 && value < 204);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0.5, Double.NaN, Double.POSITIVE_INFINITY})
  void whatIsNoLabelIsRefused(double value) {
    INDArray masks = masks(new double[] {1, 0, value, 0, 0, 0});

    assertThatThrownBy(() -> Region.ofLabel(masks, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(String.valueOf(value), "integers from 0");
    assertThatThrownBy(() -> Region.foreground(masks)).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void whatHasNoPlaceInTheMasksIsRefused() {
    INDArray masks = masks(new double[] {1, 1, 1, 1, 1, 1});
    Region region = Region.foreground(masks);
    LayerMatrices finer = region.of(of(layer("a", 1, 1, 4, 3)));
    assertThatThrownBy(() -> finer.grid("a"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("4x3", "[2, 3]");
    LayerMatrices flat = region.of(of(Activations.of("b", Nd4j.ones(1, 4))));
    assertThatThrownBy(() -> flat.grid("b")).hasMessageContaining("no place in masks");
    LayerMatrices two = of(layer("a", 2, 1, 2, 3));
    assertThatThrownBy(() -> region.of(two))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("[1, 2, 3]", "2 probes");
    assertThatThrownBy(() -> Region.foreground(Nd4j.ones(2, 2))).hasMessageContaining("[2, 2]");
    LayerMatrices pooled =
        LayerMatrices.of(
            ActivationSet.of(
                new Provenance("network", "", List.of()),
                "network",
                List.of(layer("a", 1, 1, 2, 3))),
            FeatureMaps.pool());
    assertThatThrownBy(() -> region.of(pooled)).hasMessageContaining("averaged over positions");
  }
}
