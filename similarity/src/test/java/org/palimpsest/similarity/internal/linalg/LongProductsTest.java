package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products that are summed block by block, against sums entry by entry. */
class LongProductsTest {

  private static final int SEVERAL_BLOCKS = 9001;

  @Test
  void gramMatricesOfWideLayersSumAllTheirFeatures() {
    double[][] rows = random(5, SEVERAL_BLOCKS, 1);

    assertSame(Products.gramOfRows(Nd4j.createFromArray(rows)), rows, rows);
  }

  @Test
  void productsOfTallLayersSumAllTheirSamples() {
    double[][] a = random(4, SEVERAL_BLOCKS, 2);
    double[][] b = random(3, SEVERAL_BLOCKS, 3);
    INDArray tallA = Nd4j.createFromArray(a).transpose().dup('c');
    INDArray tallB = Nd4j.createFromArray(b).transpose().dup('c');

    assertSame(Products.transposeTimes(tallA, tallB), a, b);
    assertSame(Products.gramOfColumns(tallA), a, a);
  }

  @Test
  void blocksOfFloat32AreSummedInFloat64() {
    double[][] a = random(2, SEVERAL_BLOCKS, 4);
    INDArray single = Nd4j.createFromArray(a).transpose().dup('c').castTo(DataType.FLOAT);

    Dense product = Products.transposeTimes(single, single);
    for (int i = 0; i < 2; i++) {
      assertThat(product.get(i, i)).isCloseTo(plain(a[i], a[i]), within(1e-2));
    }
  }

  @Test
  void rowsOfProductsAreThoseOfAllSamples() {
    double[][] a = random(4, SEVERAL_BLOCKS, 5);
    double[][] b = random(3, SEVERAL_BLOCKS, 6);
    INDArray singleA = Nd4j.createFromArray(a).transpose().dup('c').castTo(DataType.FLOAT);
    INDArray singleB = Nd4j.createFromArray(b).transpose().dup('c').castTo(DataType.FLOAT);
    double[][] cross = new double[4][3];
    double[][] gram = new double[4][4];

    TallProducts.of(
        List.of(
            List.of(
                new TallProducts.Product(singleA, singleB, (i, row, at) -> add(row, at, cross[i])),
                new TallProducts.Product(
                    singleA, singleA, (i, row, at) -> add(row, at, gram[i])))));

    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(cross[i][j]).isCloseTo(plain(a[i], b[j]), within(1e-2));
      }
      for (int j = i; j < 4; j++) {
        assertThat(gram[i][j]).isCloseTo(plain(a[i], a[j]), within(1e-2));
      }
    }
  }

  @RepeatedTest(50)
  void unitsOfTallProductsAreHandedOutWholeAndInTheirOrder() {
    int unit = 2048;
    int width = 3;
    double[][] rows = new double[SEVERAL_BLOCKS][width];
    for (int i = 0; i < rows.length; i++) {
      Arrays.fill(rows[i], 1 + i / unit);
    }
    INDArray counting = Nd4j.createFromArray(rows).castTo(DataType.FLOAT);
    List<List<Double>> sums = new ArrayList<>();

    TallProducts.of(
        List.of(
            List.of(
                new TallProducts.Product(
                    counting,
                    counting,
                    (i, row, at) -> sums.add(List.of((double) i, row[at + width - 1]))))));

    assertThat(sums).hasSize(5 * width);
    for (int k = 0; k < sums.size(); k++) {
      int place = k / width;
      double length = Math.min(unit, SEVERAL_BLOCKS - place * unit);
      assertThat(sums.get(k))
          .containsExactly((double) (k % width), length * (1 + place) * (1 + place));
    }
  }

  @Test
  void eachRowOfAWideProductIsHandedOutOnce() {
    int width = 150;
    double[][] columns = random(width, 3, 7);
    INDArray matrix = Nd4j.createFromArray(columns).transpose().dup('c');
    List<Integer> seen = new ArrayList<>();

    TallProducts.of(
        List.of(
            List.of(
                new TallProducts.Product(
                    matrix,
                    matrix,
                    (i, row, at) -> {
                      seen.add(i);
                      assertThat(row[at + i])
                          .isCloseTo(plain(columns[i], columns[i]), within(1e-9));
                    }))));

    assertThat(seen).containsExactlyElementsOf(IntStream.range(0, width).boxed().toList());
  }

  private static void add(double[] values, int at, double[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += values[at + j];
    }
  }

  private static void assertSame(Dense product, double[][] a, double[][] b) {
    assertThat(product.rows()).isEqualTo(a.length);
    assertThat(product.columns()).isEqualTo(b.length);
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        assertThat(product.get(i, j)).isCloseTo(plain(a[i], b[j]), within(1e-8));
      }
    }
  }

  private static double plain(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static double[][] random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] values = new double[rows][];
    for (int i = 0; i < rows; i++) {
      values[i] = random.doubles(columns, -1, 2).toArray();
    }
    return values;
  }
}
