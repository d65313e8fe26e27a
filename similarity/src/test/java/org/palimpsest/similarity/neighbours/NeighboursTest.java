package org.palimpsest.similarity.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

class NeighboursTest {

  /** Small whole numbers: many repeated rows and many equal distances. */
  @Property(tries = 150)
  void euclideanNeighboursAreTheNearestTiesByIndexItselfLeftOut(
      @ForAll @IntRange(min = 12, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 11) int k,
      @ForAll @IntRange(min = 1, max = 3) int width,
      @ForAll long seed) {
    double[][] rows = wholeNumbers(n, width, 3, seed);
    rows[0][0] = 5;
    Neighbours found =
        new Neighbours.Search(k, NearestNeighbours.Metric.EUCLIDEAN).prepare(layer(rows));

    for (int i = 0; i < n; i++) {
      double[] self = rows[i];
      assertThat(found.of(i)).containsExactly(nearest(rows, i, k, row -> squared(row, self)));
    }
  }

  @Property(tries = 150)
  void cosineNeighboursAreThoseOfSmallestAngle(
      @ForAll @IntRange(min = 12, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 11) int k,
      @ForAll long seed) {
    double[][] rows = wholeNumbers(n, 2, 4, seed);
    for (double[] row : rows) {
      row[0] += 1;
    }
    rows[0][1] = 7;
    Neighbours found =
        new Neighbours.Search(k, NearestNeighbours.Metric.COSINE).prepare(layer(rows));

    for (int i = 0; i < n; i++) {
      double[] self = rows[i];
      assertThat(found.of(i)).containsExactly(nearest(rows, i, k, row -> angle(row, self)));
    }
  }

  /** Drawn from few of the rows, so that those near a row may all be missing. */
  @Property(tries = 200)
  void neighboursAmongDrawnRowsAreTheNearestOfTheOthers(
      @ForAll @IntRange(min = 30, max = 90) int n,
      @ForAll @IntRange(min = 8, max = 90) int few,
      @ForAll @IntRange(min = 1, max = 5) int k,
      @ForAll @IntRange(min = 1, max = 3) int width,
      @ForAll long seed) {
    double[][] rows = wholeNumbers(n, width, 20, seed);
    rows[0][0] = 25;
    int[] drawn = new SplittableRandom(seed + 1).ints(n, 0, Math.min(n, few)).toArray();
    Neighbours whole =
        new Neighbours.Search(k, NearestNeighbours.Metric.EUCLIDEAN).prepare(layer(rows));
    if (!whole.canDraw(drawn)) {
      return;
    }
    Neighbours found = whole.withRows(drawn);

    for (int i = 0; i < n; i++) {
      int own = drawn[i];
      double[] self = rows[own];
      int[] expected = nearest(n, k, j -> drawn[j] != own, j -> squared(rows[drawn[j]], self));
      assertThat(found.of(i)).containsExactly(expected);
    }
  }

  @Test
  void whoIsDrawnTooOftenHasTooFewOthers() {
    double[][] rows = {{0}, {1}, {3}, {6}};
    Neighbours found =
        new Neighbours.Search(2, NearestNeighbours.Metric.EUCLIDEAN).prepare(layer(rows));

    assertThat(found.canDraw(new int[] {0, 0, 1, 2})).isTrue();
    assertThat(found.canDraw(new int[] {0, 0, 0, 1})).isFalse();
    assertThat(found.withRows(new int[] {0, 0, 1, 2}).canDraw(new int[] {0, 1, 1, 2})).isFalse();
  }

  @Test
  void aRepetitionOfASampleIsItsNeighbourAndItselfIsNot() {
    double[][] rows = {{1, 0}, {1, 0}, {0, 1}, {0, 1}, {1, 1}};
    Neighbours found =
        new Neighbours.Search(1, NearestNeighbours.Metric.COSINE).prepare(layer(rows));

    assertThat(found.of(0)).containsExactly(1);
    assertThat(found.of(1)).containsExactly(0);
    assertThat(found.of(2)).containsExactly(3);
    assertThat(found.of(3)).containsExactly(2);
    assertThat(found.of(4)).containsExactly(0);
  }

  @Test
  void sharesOfCommonNeighboursAreCounted() {
    Representation a = layer(new double[][] {{0}, {1}, {3}, {6}});
    Representation b = layer(new double[][] {{0}, {6}, {3}, {1}});
    Score jaccard = NearestNeighbours.jaccard(2, NearestNeighbours.Metric.EUCLIDEAN).compare(a, b);
    Score mutual = NearestNeighbours.mutual(2, NearestNeighbours.Metric.EUCLIDEAN).compare(a, b);
    Score rank =
        NearestNeighbours.rankSimilarity(2, NearestNeighbours.Metric.EUCLIDEAN).compare(a, b);

    // a: 0 -> 1,2; 1 -> 0,2; 2 -> 1,0; 3 -> 2,1.  b: 0 -> 3,2; 1 -> 2,3; 2 -> 3,0; 3 -> 0,2.
    assertThat(jaccard.value()).isCloseTo(1 / 3.0, within(1e-15));
    assertThat(mutual.value()).isCloseTo(0.5, within(1e-15));
    assertThat(rank.value()).isCloseTo((0.5 + 1 / 3.0 + 0.5 + 1 / 3.0) / 4, within(1e-15));
  }

  @Test
  void allSamplesAsNeighboursTellNothingAndTheScoreSaysSo() {
    Representation a = layer(new double[][] {{0}, {1}, {3}, {6}});
    Representation b = layer(new double[][] {{5}, {0}, {2}, {1}});
    Score score = NearestNeighbours.jaccard(3, NearestNeighbours.Metric.EUCLIDEAN).compare(a, b);

    assertThat(score.value()).isEqualTo(1);
    assertThat(score.diagnostics().warnings()).singleElement().asString().contains("3 neighbours");
    assertThat(
            NearestNeighbours.rankSimilarity(3, NearestNeighbours.Metric.EUCLIDEAN)
                .compare(a, b)
                .value())
        .isLessThan(1);
  }

  /** Of whole numbers many are equally far, so that the k-th and the next often tie. */
  @Property(tries = 100)
  void theScoreTellsForHowManySamplesTheOrderDecides(
      @ForAll @IntRange(min = 12, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 10) int k,
      @ForAll @IntRange(min = 3, max = 30) int numbers,
      @ForAll long seed) {
    double[][] rows = wholeNumbers(n, 2, numbers, seed);
    rows[0][0] = numbers;
    long undecided =
        IntStream.range(0, n)
            .filter(
                i -> {
                  int[] nearest = nearest(rows, i, n - 1, row -> squared(row, rows[i]));
                  double last = squared(rows[nearest[k - 1]], rows[i]);
                  return last == squared(rows[nearest[k]], rows[i]);
                })
            .count();
    Score score =
        NearestNeighbours.jaccard(k, NearestNeighbours.Metric.EUCLIDEAN)
            .compare(layer(rows), layer(rows));

    String told =
        undecided == n ? "for each sample," : "for %d of the samples,".formatted(undecided);
    assertThat(score.diagnostics().warnings().stream().anyMatch(line -> line.contains(told)))
        .isEqualTo(undecided > 0);
  }

  @Test
  void tooFewSamplesAreNamed() {
    Representation few = layer(new double[][] {{0}, {1}, {3}});

    assertThatThrownBy(() -> NearestNeighbours.jaccard().compare(few, few))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'layer' has 3 samples")
        .hasMessageContaining("at least 11");
  }

  @Test
  void rightAnglesToAllNeighboursInBothLayersAreAgreement() {
    Representation axes = layer(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
    Representation fan = layer(new double[][] {{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});

    assertThat(NearestNeighbours.secondOrderCosine(1).compare(axes, axes).value()).isEqualTo(1);
    assertThat(NearestNeighbours.secondOrderCosine(1).compare(axes, fan).value()).isZero();
  }

  private interface Distance {
    double to(double[] row);
  }

  private static int[] nearest(double[][] rows, int self, int k, Distance distance) {
    return nearest(rows.length, k, j -> j != self, j -> distance.to(rows[j]));
  }

  private static int[] nearest(int n, int k, IntPredicate others, IntToDoubleFunction distance) {
    return IntStream.range(0, n)
        .filter(others)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer j) -> distance.applyAsDouble(j))
                .thenComparingInt(j -> j))
        .limit(k)
        .mapToInt(j -> j)
        .toArray();
  }

  private static double squared(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return sum;
  }

  /** Of whole numbers, so that equal angles are equal numbers: the negative squared cosine. */
  private static double angle(double[] a, double[] b) {
    double product = a[0] * b[0] + a[1] * b[1];
    double squares = (a[0] * a[0] + a[1] * a[1]) * (b[0] * b[0] + b[1] * b[1]);
    return -product * product / squares;
  }

  private static double[][] wholeNumbers(int n, int width, int bound, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[n][width];
    for (double[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = random.nextInt(bound);
      }
    }
    return rows;
  }

  private static Representation layer(double[][] rows) {
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }
}
