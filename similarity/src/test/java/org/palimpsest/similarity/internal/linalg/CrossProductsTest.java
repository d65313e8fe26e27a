package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
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

  private static org.assertj.core.data.Offset<Double> near() {
    return within(1e-6);
  }

  private static double featureSide(CentredLayer a, CentredLayer b) {
    return Products.transposeTimes(a.matrix(), b.matrix()).squaredNorm();
  }

  private static CentredLayer layer(int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[SEVERAL_TILES][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.doubles(width, -1, 3).toArray();
    }
    Representation representation = Representation.of("layer", Nd4j.createFromArray(rows));
    return Centring.ofFeatures().prepare(representation);
  }
}
