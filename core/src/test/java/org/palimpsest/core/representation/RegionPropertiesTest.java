package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * Rows of a region against areas that are counted in whole numbers: with a grid of h × w over masks
 * of H × W, each position of the grid is cut into H × W equal parts and each pixel into h × w.
 */
class RegionPropertiesTest {

  private static final int LABELS = 3;

  /** The layer's value is the number of the position, so that a row tells which it is. */
  private static LayerMatrices numbered(int probes, int... extents) {
    long[] shape = new long[extents.length + 2];
    shape[0] = probes;
    shape[1] = 1;
    int positions = 1;
    for (int axis = 0; axis < extents.length; axis++) {
      shape[axis + 2] = extents[axis];
      positions *= extents[axis];
    }
    double[] values = new double[probes * positions];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1000.0 * (i / positions) + i % positions;
    }
    INDArray tensor = Nd4j.createFromArray(values).reshape('c', shape);
    return LayerMatrices.of(
        ActivationSet.of(
            new Provenance("network", "", List.of()),
            "network",
            List.of(Activations.of("layer", tensor))),
        FeatureMaps.positions());
  }

  private static double[] masks(Random random, int length) {
    double[] masks = new double[length];
    int run = 0;
    int label = 0;
    for (int i = 0; i < length; i++) {
      if (run == 0) {
        run = 1 + random.nextInt(4);
        label = random.nextInt(LABELS);
      }
      masks[i] = label;
      run--;
    }
    return masks;
  }

  /** How many units of its length a cell of the coarse axis shares with one of the fine axis. */
  private static int overlap(int cell, int coarse, int pixel, int fine) {
    int from = Math.max(cell * fine, pixel * coarse);
    int to = Math.min((cell + 1) * fine, (pixel + 1) * coarse);
    return Math.max(0, to - from);
  }

  /** Positions of which a label covers one half or more. */
  private static List<Integer> within(
      double[] masks, int from, int label, int height, int width, int gridHeight, int gridWidth) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < gridHeight; i++) {
      for (int j = 0; j < gridWidth; j++) {
        long covered = 0;
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            if (masks[from + y * width + x] == label) {
              covered += (long) overlap(i, gridHeight, y, height) * overlap(j, gridWidth, x, width);
            }
          }
        }
        if (2 * covered >= (long) height * width) {
          positions.add(i * gridWidth + j);
        }
      }
    }
    return positions;
  }

  @Property(tries = 200)
  void aPositionIsWithinWhereHalfOfItsAreaIs(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int height,
      @ForAll @IntRange(min = 1, max = 9) int width,
      @ForAll @IntRange(min = 1, max = 3) int probes) {
    Random random = new Random(seed);
    int gridHeight = 1 + random.nextInt(height);
    int gridWidth = 1 + random.nextInt(width);
    int label = random.nextInt(LABELS);
    double[] masks = masks(random, probes * height * width);
    Region region =
        Region.ofLabel(Nd4j.createFromArray(masks).reshape('c', probes, height, width), label);
    List<List<Integer>> expected = new ArrayList<>();
    List<Integer> with = new ArrayList<>();
    for (int probe = 0; probe < probes; probe++) {
      List<Integer> positions =
          within(masks, probe * height * width, label, height, width, gridHeight, gridWidth);
      if (!positions.isEmpty()) {
        expected.add(positions);
        with.add(probe);
      }
    }
    Grid grid = Grid.of(gridHeight, gridWidth);
    LayerMatrices narrowed = region.of(numbered(probes, gridHeight, gridWidth));

    if (expected.isEmpty()) {
      assertThatThrownBy(() -> narrowed.get("layer", grid))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("label " + label);
    } else {
      assertRows(narrowed.get("layer", grid), with, expected);
    }
  }

  private static void assertRows(
      Representation layer, List<Integer> probes, List<List<Integer>> positions) {
    int each = positions.stream().mapToInt(List::size).min().orElseThrow();
    double[][] rows = layer.toArray();

    assertThat(layer.info().rowsPerProbe()).isEqualTo(each);
    assertThat(rows).hasNumberOfRows(each * probes.size());
    for (int i = 0; i < rows.length; i++) {
      int probe = i / each;
      int position = (int) rows[i][0] % 1000;

      assertThat((int) rows[i][0] / 1000).isEqualTo(probes.get(probe));
      assertThat(positions.get(probe)).contains(position);
      if (i % each > 0) {
        assertThat(rows[i][0]).isGreaterThan(rows[i - 1][0]);
      }
    }
  }

  /** All labels of a probe that is labelled throughout, on its own grid, are all of its rows. */
  @Property(tries = 50)
  void labelsDivideTheRowsOfTheirOwnGrid(@ForAll long seed) {
    double[] masks = masks(new Random(seed), 30);
    INDArray tensor = Nd4j.createFromArray(masks).reshape('c', 1, 5, 6);
    LayerMatrices all = numbered(1, 5, 6);
    List<Double> rows = new ArrayList<>();
    for (int label = 0; label < LABELS; label++) {
      int wanted = label;
      if (java.util.Arrays.stream(masks).anyMatch(mask -> mask == wanted)) {
        for (double[] row :
            Region.ofLabel(tensor, label).of(all).get("layer", Grid.of(5, 6)).toArray()) {
          rows.add(row[0]);
        }
      }
    }
    assertThat(rows).hasSize(30).doesNotHaveDuplicates();
  }

  @Property(tries = 50)
  void theTypeOfMasksAndAnAxisOfOneChannelMakeNoDifference(@ForAll long seed) {
    double[] masks = masks(new Random(seed), 2 * 4 * 5);
    masks[0] = 1;
    INDArray plain = Nd4j.createFromArray(masks).reshape('c', 2, 4, 5);
    LayerMatrices all = numbered(2, 4, 5);
    Grid grid = Grid.of(4, 5);
    double[][] expected = Region.ofLabel(plain, 1).of(all).get("layer", grid).toArray();

    for (INDArray same :
        List.of(
            plain.castTo(DataType.FLOAT),
            plain.castTo(DataType.INT32),
            plain.castTo(DataType.UINT8),
            plain.dup('f'),
            plain.reshape('c', 2, 1, 4, 5))) {
      Region region = Region.ofLabel(same, 1);

      assertThat(region.of(all).get("layer", grid).toArray()).isEqualTo(expected);
      if (same.rank() == 3) {
        assertThat(region)
            .isEqualTo(Region.ofLabel(plain, 1))
            .hasSameHashCodeAs(Region.ofLabel(plain, 1));
      }
    }
  }

  @Test
  void volumesHaveRegionsToo() {
    INDArray masks = Nd4j.zeros(DataType.FLOAT, 1, 2, 2, 2);
    masks.putScalar(new int[] {0, 1, 0, 1}, 4);
    masks.putScalar(new int[] {0, 0, 1, 0}, 4);

    double[][] rows =
        Region.ofLabel(masks, 4).of(numbered(1, 2, 2, 2)).get("layer", Grid.of(2, 2, 2)).toArray();

    assertThat(rows).isEqualTo(new double[][] {{2}, {5}});
    assertThat(
            Region.foreground(masks)
                .of(numbered(1, 2, 2, 2))
                .get("layer", Grid.of(2, 2, 2))
                .toArray())
        .isEqualTo(rows);
  }

  @Test
  void regionsAreEqualByTheirPlacesAndHowTheyAreDrawn() {
    INDArray masks = Nd4j.createFromArray(0.0, 1, 1, 0, 1, 1).reshape('c', 1, 2, 3);
    INDArray others = Nd4j.createFromArray(0.0, 1, 1, 0, 1, 0).reshape('c', 1, 2, 3);
    Region region = Region.ofLabel(masks, 1);

    assertThat(region)
        .isEqualTo(Region.ofLabel(masks.dup(), 1))
        .isEqualTo(region.from("masks.npy"))
        .isNotEqualTo(Region.ofLabel(others, 1))
        .isNotEqualTo(Region.ofLabel(masks, 0))
        .isNotEqualTo(region.withSeed(1))
        .isNotEqualTo(region.withPositionsPerProbe(2, 0))
        .isNotEqualTo(Region.ofLabel(masks.reshape('c', 1, 3, 2), 1))
        .isNotEqualTo("label 1");
    assertThatThrownBy(() -> region.withPositionsPerProbe(0, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> region.from("masks.npy").of(numbered(2, 2, 3)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageStartingWith("masks.npy: ");
  }

  /** As many rows of as many probes, of the same grid. */
  @Test
  void rowsOfOtherPlacesAreNotOfTheSameSamples() {
    INDArray masks = Nd4j.createFromArray(0.0, 1, 1, 1, 0, 1).reshape('c', 1, 2, 3);
    INDArray others = Nd4j.createFromArray(1.0, 1, 1, 0, 0, 1).reshape('c', 1, 2, 3);
    Grid grid = Grid.of(2, 3);
    LayerMatrices all = numbered(1, 2, 3);
    Region region = Region.foreground(masks);
    Representation.Info info = region.of(all).get("layer", grid).info();
    Representation.Info same =
        Region.foreground(masks.dup()).from("again").of(all).get("layer", grid).info();

    info.requireSameSamples(same);
    for (Region other :
        List.of(Region.foreground(others), Region.ofLabel(others, 1).withPositionsPerProbe(4, 0))) {
      Representation.Info elsewhere = other.of(all).get("layer", grid).info();

      assertThat(elsewhere.samples()).isEqualTo(info.samples());
      assertThatThrownBy(() -> info.requireSameSamples(elsewhere))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("'layer'", "different places");
    }
    Representation.Info drawn =
        region.withPositionsPerProbe(2, 1).of(all).get("layer", grid).info();
    List<Long> seedsOfOtherPlaces = new ArrayList<>();
    for (long seed = 2; seed < 8; seed++) {
      Representation.Info redrawn =
          region.withPositionsPerProbe(2, seed).of(all).get("layer", grid).info();
      if (!redrawn.equals(drawn)) {
        seedsOfOtherPlaces.add(seed);
        assertThatThrownBy(() -> drawn.requireSameSamples(redrawn))
            .isInstanceOf(PalimpsestException.class);
      }
    }
    assertThat(seedsOfOtherPlaces).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({"10, 2, 0", "10, 2, -1", "10, 2, 3", "-4, 2, 2", "10, -1, 1"})
  void rowsThatAreNotAsManyForEachProbeAreRefused(long samples, long features, int rowsPerProbe) {
    assertThatThrownBy(
            () ->
                new Representation.Info(
                    "enc1", samples, features, rowsPerProbe, Fingerprint.unknown(), "positions"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", samples + " samples", rowsPerProbe + " rows");
  }
}
