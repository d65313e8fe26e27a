package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/** The side of the samples, tile by tile, against that of the features. */
class CrossProductsTest {

  private static final int SEVERAL_TILES = 530;

  @Test
  void tilesGiveWhatFeaturesGive() {
    List<CentredLayer> rows = List.of(layer(20, 1), layer(9, 2));
    List<CentredLayer> columns = List.of(layer(13, 3), layer(20, 1), layer(2, 4));
    CrossProducts products = CrossProducts.GramTiles.products(rows, columns);

    for (int i = 0; i < rows.size(); i++) {
      assertThat(products.ofRows()[i]).isCloseTo(featureSide(rows.get(i), rows.get(i)), near());
      for (int j = 0; j < columns.size(); j++) {
        double expected = featureSide(rows.get(i), columns.get(j));
        assertThat(products.cross()[i][j]).isCloseTo(expected, near());
      }
    }
    for (int j = 0; j < columns.size(); j++) {
      double expected = featureSide(columns.get(j), columns.get(j));
      assertThat(products.ofColumns()[j]).isCloseTo(expected, near());
    }
  }

  /** Float32 sums of other lengths would differ in the seventh digit. */
  @ParameterizedTest
  @ValueSource(ints = {60, SEVERAL_TILES, 1300})
  void aPairDoesNotDependOnTheLayersBesideIt(int samples) {
    List<CentredLayer> rows = new ArrayList<>();
    List<CentredLayer> columns = new ArrayList<>();
    int[] widths =
        samples < SEVERAL_TILES
            ? new int[] {1, 3, 8, 17, 64, 250, 400}
            : new int[] {1, 17, 250, 400};
    for (int i = 0; i < widths.length; i++) {
      rows.add(layer(samples, widths[i], i, i % 3 == 1 ? DataType.DOUBLE : DataType.FLOAT));
      columns.add(layer(samples, widths[i], 50 + i, i == 1 ? DataType.DOUBLE : DataType.FLOAT));
    }
    CrossProducts all = CrossProducts.of(rows, columns);
    for (int i = 0; i < widths.length; i++) {
      for (int j = 0; j < widths.length; j++) {
        CrossProducts one = CrossProducts.of(List.of(rows.get(i)), List.of(columns.get(j)));
        double between = CrossProducts.between(rows.get(i), columns.get(j));
        String pair = widths[i] + " × " + widths[j];
        assertThat(one.cross()[0][0] / all.cross()[i][j]).as(pair).isCloseTo(1, within(1e-7));
        assertThat(between / all.cross()[i][j]).as(pair).isCloseTo(1, within(1e-7));
        assertThat(one.ofRows()[0] / all.ofRows()[i]).as(pair).isCloseTo(1, within(1e-7));
        assertThat(one.ofColumns()[0] / all.ofColumns()[j]).as(pair).isCloseTo(1, within(1e-7));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {60, SEVERAL_TILES, 1300})
  void twoDoubleLayersStayInFloat64BesideOthers(int samples) {
    CentredLayer a = layer(samples, 300, 1, DataType.DOUBLE);
    CentredLayer b = layer(samples, 300, 2, DataType.DOUBLE);
    CentredLayer other = layer(samples, 300, 3, DataType.FLOAT);
    double cross = CrossProducts.of(List.of(other, a), List.of(b, other)).cross()[1][0];
    assertThat(cross / featureSide(a, b)).isCloseTo(1, within(1e-12));
  }

  private static org.assertj.core.data.Offset<Double> near() {
    return within(1e-6);
  }

  private static double featureSide(CentredLayer a, CentredLayer b) {
    return Products.transposeTimes(a.matrix(), b.matrix()).squaredNorm();
  }

  private static CentredLayer layer(int width, long seed) {
    return layer(SEVERAL_TILES, width, seed, DataType.DOUBLE);
  }

  private static CentredLayer layer(int samples, int width, long seed, DataType type) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[samples][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.doubles(width, -1, 3).toArray();
    }
    Representation representation =
        Representation.of("layer", Nd4j.createFromArray(rows).castTo(type));
    return Centring.ofFeatures().prepare(representation);
  }
}
