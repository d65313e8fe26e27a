package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Region;
import org.palimpsest.core.representation.Representation;

/** Rows are compared only if they are the same places of the same probes. */
class RowsOfOnePlaceTest {

  /** How far rows are from each other: 0 of a layer and itself, whichever rows were taken. */
  private static final Measure<?> GAP =
      Measure.of(
          "gap",
          MeasureProperties.distance("The mean squared difference.").build(),
          (x, y) -> {
            double sum = 0;
            double[][] a = x.toArray();
            double[][] b = y.toArray();
            for (int i = 0; i < a.length; i++) {
              sum += (a[i][0] - b[i][0]) * (a[i][0] - b[i][0]) / a.length;
            }
            return sum;
          });

  private static ActivationSet network(String name) {
    double[] values = new Random(3).doubles(2 * 4 * 4).toArray();
    INDArray layer = Nd4j.createFromArray(values).reshape('c', 2, 1, 4, 4);
    return ActivationSet.of(
        new Provenance(name, "", List.of()), name, List.of(Activations.of("a", layer)));
  }

  private static Comparison drawing(int positions, long seed) {
    return Comparison.by(GAP)
        .withFeatureMaps(FeatureMaps.positions().withPositionsPerProbe(positions, seed));
  }

  private static double gap(Comparison comparison, PreparedLayers a, PreparedLayers b) {
    return comparison.compare(a, b).rows().get(0).score().value();
  }

  @Property(tries = 20)
  void positionsOfAnotherSeedAreRefused(
      @ForAll long seed, @ForAll long other, @ForAll @IntRange(min = 1, max = 15) int positions) {
    Comparison comparison = drawing(positions, seed);
    PreparedLayers first = comparison.prepare(network("first"));
    assertThat(gap(comparison, first, drawing(positions, seed).prepare(network("second"))))
        .isZero();
    if (seed != other) {
      PreparedLayers second = drawing(positions, other).prepare(network("second"));
      assertThatThrownBy(() -> comparison.compare(first, second))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(
              "first", "second", "seed " + seed, "seed " + other, "same feature maps");
    }
  }

  private static INDArray masks(int... within) {
    INDArray masks = Nd4j.zeros(DataType.FLOAT, 2, 4, 4);
    for (int position : within) {
      masks.putScalar(new int[] {0, position / 4, position % 4}, 1);
      masks.putScalar(new int[] {1, position / 4, position % 4}, 1);
    }
    return masks;
  }

  private static PreparedLayers narrowed(Comparison comparison, Region region, String name) {
    LayerMatrices all = LayerMatrices.of(network(name), FeatureMaps.positions());
    return comparison.prepareFitting(region.of(all), leftOut -> {});
  }

  /** Both regions have three positions of each probe, so that numbers of rows agree. */
  @Test
  void regionsOfOtherPlacesAreRefused() {
    Comparison comparison = Comparison.by(GAP);
    PreparedLayers first = narrowed(comparison, Region.foreground(masks(0, 5, 6)), "first");
    Region sameAgain = Region.foreground(masks(0, 5, 6)).from("labels.npy");
    assertThat(gap(comparison, first, narrowed(comparison, sameAgain, "second"))).isZero();
    for (Region other :
        List.of(
            Region.foreground(masks(1, 5, 6)),
            Region.ofLabel(masks(0, 5, 6), 1),
            Region.foreground(masks(0, 5, 6)).withSeed(1),
            Region.foreground(masks(0, 5, 6)).withPositionsPerProbe(3, 0))) {
      PreparedLayers second = narrowed(comparison, other, "second");
      assertThatThrownBy(() -> comparison.compare(first, second))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("first", "second", "different regions");
    }
    PreparedLayers whole = comparison.prepare(network("whole"));
    assertThatThrownBy(() -> comparison.compare(first, whole))
        .hasMessageContainingAll("first", "whole", "different regions");
  }

  /** A grid of 4 x 4 and one of 2 x 8 have as many positions, in other places. */
  @Test
  void gridsOfAsManyPositionsAreNotTakenForOneAnother() {
    INDArray values = Nd4j.rand(DataType.FLOAT, 2, 3, 4, 4);
    FeatureMaps rule = FeatureMaps.positions();
    Representation square = rule.represent(Activations.of("square", values));
    Representation wide =
        rule.represent(Activations.of("wide", values.dup('c').reshape('c', 2, 3, 2, 8)));
    assertThat(wide.info().rowsPerProbe()).isEqualTo(square.info().rowsPerProbe());
    assertThatThrownBy(() -> GAP.compare(square, wide))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'square'", "positions 4x4", "'wide'", "positions 2x8");
    Grid common = Grid.of(4, 4).commonWith(Grid.of(2, 8));
    assertThat(
            GAP.compare(
                    rule.represent(Activations.of("one", values), common),
                    rule.represent(Activations.of("other", values), common))
                .value())
        .isZero();
  }
}
