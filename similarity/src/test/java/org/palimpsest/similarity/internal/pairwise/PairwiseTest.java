package org.palimpsest.similarity.internal.pairwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;

class PairwiseTest {

  private static final int SEVERAL_BLOCKS = 1200;

  @Test
  void distancesAreThoseTakenEntryByEntry() {
    SampleRows rows = rows(SEVERAL_BLOCKS, 5, 1).centred();
    double[] seen = new double[(int) Triangle.size(SEVERAL_BLOCKS)];
    SquaredDistances.upper(rows, keepIn(seen));

    assertDistances(seen, rows, 1e-12, 1);
  }

  /** Wide enough to be kept in float32, with two rows that are close and two that are the same. */
  @Test
  void distancesOfFloat32LayersAreToo() {
    int width = 300;
    double[][] values = values(SEVERAL_BLOCKS, width, 4);
    values[5] = values[900].clone();
    values[6] = values[901].clone();
    values[6][3] += 1e-2;
    Representation layer =
        Representation.of("layer", Nd4j.createFromArray(values).castTo(DataType.FLOAT));
    CentredLayer centred = Centring.ofFeatures().prepare(layer);
    assertThat(centred.matrix().dataType()).isEqualTo(DataType.FLOAT);
    double[] seen = new double[(int) Triangle.size(SEVERAL_BLOCKS)];
    SquaredDistances.upper(centred, keepIn(seen));

    assertDistances(seen, SampleRows.of(layer).centred(), 1e-4, centred.scale());
    assertThat(seen[Triangle.index(SEVERAL_BLOCKS, 5, 900)]).isZero();
    assertThat(seen[Triangle.index(SEVERAL_BLOCKS, 6, 901)] * centred.scale() * centred.scale())
        .isCloseTo(1e-4, within(1e-7));
  }

  private static SquaredDistances.RowVisitor keepIn(double[] seen) {
    return (i, first, squared) -> {
      assertThat(first + squared.length).isEqualTo(SEVERAL_BLOCKS);
      for (int j = i + 1; j < SEVERAL_BLOCKS; j++) {
        seen[Triangle.index(SEVERAL_BLOCKS, i, j)] = squared[j - first];
      }
    };
  }

  private static void assertDistances(
      double[] seen, SampleRows rows, double tolerance, double scale) {
    for (int i = 7; i < SEVERAL_BLOCKS; i += 7) {
      for (int j = i + 1; j < SEVERAL_BLOCKS; j++) {
        double expected = rows.squaredDistance(i, j) / scale / scale;
        double actual = seen[Triangle.index(SEVERAL_BLOCKS, i, j)];
        assertThat(Math.abs(actual - expected)).isLessThanOrEqualTo(tolerance * expected);
      }
    }
  }

  @Test
  void distancesToAllRowsIncludeThoseBefore() {
    SampleRows rows = rows(SEVERAL_BLOCKS, 3, 2).centred();
    double[][] seen = new double[SEVERAL_BLOCKS][];
    SquaredDistances.all(rows, (i, first, squared) -> seen[i] = squared.clone());

    for (int i = 0; i < SEVERAL_BLOCKS; i += 101) {
      assertThat(seen[i]).hasSize(SEVERAL_BLOCKS);
      for (int j = 0; j < SEVERAL_BLOCKS; j++) {
        assertThat(seen[i][j]).isCloseTo(rows.squaredDistance(i, j), within(1e-11));
      }
    }
  }

  @Test
  void smallDistancesAmongLongRowsKeepTheirDigits() {
    double[][] values = {{1000, 1000}, {1000 + 1e-7, 1000}, {-1000, -1000}, {-1000, -1000}};
    SampleRows rows = rows(values).centred();
    SquaredDistances.all(
        rows,
        (i, first, squared) -> {
          for (int j = 0; j < squared.length; j++) {
            assertThat(squared[j]).isEqualTo(rows.squaredDistance(i, j), within(1e-8));
          }
          if (i == 0) {
            assertThat(squared[1]).isCloseTo(1e-14, within(1e-17));
          }
          if (i == 2) {
            assertThat(squared[3]).isZero();
          }
        });
  }

  @Test
  void repeatedRowsAreFoundOnce() {
    DistinctRows distinct =
        DistinctRows.of(rows(new double[][] {{1, 2}, {0, 3}, {1, 2}, {-0.0, 3}, {2, 1}}));

    assertThat(distinct.rows().count()).isEqualTo(3);
    assertThat(distinct.classOf()).containsExactly(0, 1, 0, 1, 2);
    assertThat(distinct.allDistinct()).isFalse();
    assertThat(distinct.members()).containsExactly(List.of(0, 2), List.of(1, 3), List.of(4));
  }

  @Test
  void valuesOfDistinctPairsBecomeThoseOfAllPairs() {
    DistinctRows distinct = DistinctRows.of(rows(new double[][] {{1}, {2}, {1}, {3}}));
    double[] all = new double[6];
    distinct.expand(new double[] {12, 13, 23}, all, 0);

    assertThat(all).containsExactly(12, 0, 13, 12, 23, 13);
  }

  @Test
  void pairsLieRowAfterRow() {
    int k = 0;
    for (int i = 0; i < 9; i++) {
      assertThat(Triangle.start(9, i)).isEqualTo(k);
      for (int j = i + 1; j < 9; j++) {
        assertThat(Triangle.index(9, i, j)).isEqualTo(k);
        assertThat(Triangle.index(9, j, i)).isEqualTo(k);
        k++;
      }
    }
    assertThat(Triangle.size(9)).isEqualTo(k);
  }

  @Test
  void innerProductsOfManyAgreeWithThoseOfTwo() {
    int length = 100_003;
    List<PairVector> some = List.of(vector(length, 1), ranks(length, 2), vector(length, 3));
    List<PairVector> others = List.of(ranks(length, 4), vector(length, 1));
    double[][] all = InnerProducts.of(some, others);

    for (int i = 0; i < some.size(); i++) {
      for (int j = 0; j < others.size(); j++) {
        double expected = plainProduct(some.get(i), others.get(j));
        assertThat(all[i][j]).isCloseTo(expected, within(1e-9 * length));
        assertThat(InnerProducts.of(some.get(i), others.get(j)))
            .isCloseTo(expected, within(1e-9 * length));
      }
    }
  }

  @Test
  void rowsWithoutDirectionAreNamed() {
    assertThatThrownBy(() -> rows(new double[][] {{1, 2}, {0, 0}}).normalised("is all zero"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Sample 1 of layer 'layer' (2 samples × 2 features) is all zero");
  }

  @Test
  void rowsOfExtremeScaleAreNormalisedToo() {
    SampleRows unit = rows(new double[][] {{3e-200, 4e-200}, {3e149, 4e149}}).normalised("");

    for (int i = 0; i < 2; i++) {
      assertThat(unit.get(i, 0)).isCloseTo(0.6, within(1e-15));
      assertThat(unit.get(i, 1)).isCloseTo(0.8, within(1e-15));
    }
  }

  @Test
  void tooManyPairsAreOneClearError() {
    Representation layer =
        Representation.of("bottleneck", Nd4j.arange(131_072).reshape(131_072, 1));

    assertThatThrownBy(() -> PairStorage.ofPairs(layer.info()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'bottleneck' has 131072 samples")
        .hasMessageContaining("68718952448 bytes")
        .hasMessageContaining("Draw fewer positions");
  }

  @Test
  void aFullHeapIsOneClearErrorAsWell() {
    Representation layer = Representation.of("enc1", Nd4j.arange(65_000).reshape(65_000, 1));

    assertThatThrownBy(() -> PairStorage.ofPairs(layer.info()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("the Java heap ends at");
  }

  private static double plainProduct(PairVector a, PairVector b) {
    double[] left = new double[a.length()];
    double[] right = new double[b.length()];
    a.read(0, left.length, left);
    b.read(0, right.length, right);
    double sum = 0;
    for (int k = 0; k < left.length; k++) {
      sum += left[k] * right[k];
    }
    return sum;
  }

  private static PairVector vector(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return PairVector.of(random.doubles(length).toArray(), 0.5, 3);
  }

  private static PairVector ranks(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return PairVector.of(random.ints(length, 0, 100).toArray(), 50, 0.1);
  }

  private static SampleRows rows(int count, int width, long seed) {
    return rows(values(count, width, seed));
  }

  private static double[][] values(int count, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] values = new double[count][width];
    for (double[] row : values) {
      for (int j = 0; j < width; j++) {
        row[j] = random.nextGaussian() + j;
      }
    }
    return values;
  }

  private static SampleRows rows(double[][] values) {
    return SampleRows.of(Representation.of("layer", Nd4j.createFromArray(values)));
  }
}
