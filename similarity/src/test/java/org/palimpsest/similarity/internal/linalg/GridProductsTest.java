package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/** Layers multiplied side by side against each pair by itself. */
class GridProductsTest {

  private static final int SEVERAL_UNITS = 2 * 2048 + 300;

  private static final List<CentredLayer> ROWS =
      List.of(layer(3, 1), layer(500, 2), layer(70, 3), layer(1, 4), layer(600, 5), layer(40, 6));
  private static final List<CentredLayer> COLUMNS =
      List.of(layer(90, 7), layer(1, 8), ROWS.get(2), layer(520, 9), layer(2, 10));

  @Test
  void eachPairIsAsByItselfInFloat64() {
    double[][] squares = GridProducts.squaredNorms(ROWS, COLUMNS);

    for (int i = 0; i < ROWS.size(); i++) {
      for (int j = 0; j < COLUMNS.size(); j++) {
        double expected = precise(ROWS.get(i), COLUMNS.get(j));
        assertThat(squares[i][j] / expected).as(i + ", " + j).isCloseTo(1, within(1e-5));
      }
    }
  }

  @Test
  void narrowAndWideLayersAreKeptInBothTypes() {
    assertThat(ROWS)
        .extracting(CentredLayer::products)
        .contains(DataType.FLOAT)
        .contains(DataType.DOUBLE);
  }

  @Test
  void otherLayersChangeNothing() {
    double[][] all = GridProducts.squaredNorms(ROWS, COLUMNS);
    double[][] some =
        GridProducts.squaredNorms(
            List.of(ROWS.get(2), ROWS.get(0)), List.of(COLUMNS.get(4), COLUMNS.get(0)));

    assertThat(some[0][1] / all[2][0]).isCloseTo(1, within(1e-7));
    assertThat(some[1][1] / all[0][0]).isCloseTo(1, within(1e-7));
    assertThat(some[1][0] / all[0][4]).isCloseTo(1, within(1e-7));
  }

  @Test
  void aLayerWithItselfIsItsSelfProduct() {
    assertThat(GridProducts.squaredNorms(ROWS, COLUMNS)[2][2]).isEqualTo(ROWS.get(2).selfProduct());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void productsAreHandedOutPairByPair(DataType type) {
    List<INDArray> ofRows = matrices(ROWS, type);
    List<INDArray> ofColumns = matrices(COLUMNS, type);
    Map<List<Integer>, double[][]> sums = new HashMap<>();

    GridProducts.forEachPair(
        ofRows,
        ofColumns,
        (a, b) -> {
          double[][] sum =
              sums.computeIfAbsent(
                  List.of(a, b),
                  pair -> new double[ofRows.get(a).columns()][ofColumns.get(b).columns()]);
          return (row, values, at) -> {
            for (int j = 0; j < sum[row].length; j++) {
              sum[row][j] += values[at + j];
            }
          };
        });

    assertThat(sums).hasSize(ROWS.size() * COLUMNS.size());
    sums.forEach(
        (pair, sum) -> {
          Dense expected =
              Products.transposeTimes(
                  ROWS.get(pair.get(0)).matrix(),
                  COLUMNS.get(pair.get(1)).matrix(),
                  DataType.DOUBLE);
          double rounding = (type == DataType.FLOAT ? 1e-6 : 1e-14) * SEVERAL_UNITS;
          double off = 0;
          for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < sum[i].length; j++) {
              off = Math.max(off, Math.abs(sum[i][j] - expected.get(i, j)));
            }
          }
          assertThat(off).as(pair.toString()).isLessThan(rounding);
        });
  }

  private static List<INDArray> matrices(List<CentredLayer> layers, DataType type) {
    return layers.stream().map(layer -> layer.matrix().castTo(type)).toList();
  }

  private static double precise(CentredLayer a, CentredLayer b) {
    return Products.transposeTimes(a.matrix(), b.matrix(), DataType.DOUBLE).squaredNorm();
  }

  private static CentredLayer layer(int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom shared = new SplittableRandom(99);
    float[][] rows = new float[SEVERAL_UNITS][width];
    for (float[] row : rows) {
      float common = (float) shared.nextDouble(-1, 1);
      for (int j = 0; j < width; j++) {
        row[j] = common + (float) random.nextDouble(-1, 1);
      }
    }
    return Centring.ofFeatures().prepare(Representation.of("layer", Nd4j.createFromArray(rows)));
  }
}
