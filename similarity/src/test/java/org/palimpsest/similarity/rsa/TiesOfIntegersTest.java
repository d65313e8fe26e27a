package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/** Cosines of small integers tie often; which do is known exactly, their doubles are not equal. */
class TiesOfIntegersTest {

  private static final int SAMPLES = 60;

  /** a·b / (|a| |b|) as its sign times its square, a fraction. */
  private record SquaredCosine(long numerator, long denominator) {

    static SquaredCosine of(int[] a, int[] b) {
      long product = dot(a, b);
      long numerator = Long.signum(product) * product * product;
      long denominator = dot(a, a) * dot(b, b);
      long common =
          BigInteger.valueOf(numerator).gcd(BigInteger.valueOf(denominator)).longValueExact();
      return new SquaredCosine(numerator / common, denominator / common);
    }

    private static long dot(int[] a, int[] b) {
      return IntStream.range(0, a.length).mapToLong(i -> (long) a[i] * b[i]).sum();
    }

    double value() {
      return (double) numerator / denominator;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void ranksOfEqualCosinesAreEqual(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] x = integers(random, 3);
    int[][] y = integers(random, 4);
    for (int i = 0; i < SAMPLES; i++) {
      y[i][0] = x[i][0];
      y[i][1] = x[i][1];
    }

    double value =
        Rsa.of(Rsa.Distance.COSINE, Rsa.Comparison.SPEARMAN)
            .compare(representation(x), representation(y))
            .value();

    assertThat(value).isCloseTo(correlation(ranks(x), ranks(y)), within(1e-12));
  }

  private static int[][] integers(SplittableRandom random, int features) {
    int[][] rows = new int[SAMPLES][features];
    for (int[] row : rows) {
      do {
        for (int f = 0; f < features; f++) {
          row[f] = random.nextInt(-3, 4);
        }
      } while (SquaredCosine.dot(row, row) == 0);
    }
    return rows;
  }

  private static Representation representation(int[][] rows) {
    return Representation.of(
        "integers", Nd4j.createFromArray(rows).castTo(Nd4j.defaultFloatingPointType()));
  }

  private static double[] ranks(int[][] rows) {
    List<SquaredCosine> cosines = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      for (int j = i + 1; j < rows.length; j++) {
        cosines.add(SquaredCosine.of(rows[i], rows[j]));
      }
    }
    List<SquaredCosine> sorted =
        cosines.stream().sorted(Comparator.comparingDouble(SquaredCosine::value)).toList();
    return cosines.stream()
        .mapToDouble(c -> -(sorted.indexOf(c) + sorted.lastIndexOf(c)) / 2.0)
        .toArray();
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = IntStream.range(0, a.length).mapToDouble(i -> a[i]).average().orElseThrow();
    double meanB = IntStream.range(0, b.length).mapToDouble(i -> b[i]).average().orElseThrow();
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }
}
