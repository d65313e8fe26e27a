package org.palimpsest.similarity.cka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/** Against the unbiased estimator written out with matrices, batch by batch. */
class MinibatchCkaTest {

  @ParameterizedTest
  @CsvSource({
    "32, 8, '0 8 16 24 32'",
    "37, 8, '0 8 16 24 32 37'",
    "36, 8, '0 8 16 24 32 36'",
    "34, 8, '0 8 16 24 34'",
    "6, 8, '0 6'",
    "9, 8, '0 9'"
  })
  void isTheRatioOfSumsOverBatchesWeightedByTheirSize(int samples, int batch, String bounds) {
    double[][] x = layer(samples, 5, 1);
    double[][] y = related(x, 2);
    int[] edges = Arrays.stream(bounds.split(" ")).mapToInt(Integer::parseInt).toArray();
    double expected = sum(x, y, edges) / Math.sqrt(sum(x, x, edges) * sum(y, y, edges));

    assertThat(new MinibatchCka(batch).compare(representation(x), representation(y)).value())
        .isCloseTo(expected, within(1e-10));
  }

  @Test
  void isTheDebiasedEstimatorInOneBatch() {
    Representation x = representation(layer(29, 6, 3));
    Representation y = representation(related(layer(29, 6, 3), 4));

    assertThat(new MinibatchCka(64).compare(x, y).value())
        .isCloseTo(Cka.debiased().compare(x, y).value(), within(1e-12));
  }

  private static double sum(double[][] x, double[][] y, int[] edges) {
    double sum = 0;
    for (int b = 0; b + 1 < edges.length; b++) {
      double[][] k = gram(Arrays.copyOfRange(x, edges[b], edges[b + 1]));
      double[][] l = gram(Arrays.copyOfRange(y, edges[b], edges[b + 1]));
      sum += k.length * unbiasedHsic(k, l);
    }
    return sum;
  }

  /** Song et al. 2012, equation 5. */
  private static double unbiasedHsic(double[][] k, double[][] l) {
    int n = k.length;
    double trace = 0;
    double sumK = 0;
    double sumL = 0;
    double both = 0;
    for (int i = 0; i < n; i++) {
      double rowK = 0;
      double rowL = 0;
      for (int j = 0; j < n; j++) {
        trace += k[i][j] * l[j][i];
        rowK += k[i][j];
        rowL += l[i][j];
      }
      sumK += rowK;
      sumL += rowL;
      both += rowK * rowL;
    }
    double middle = sumK * sumL / ((n - 1.0) * (n - 2.0));
    return (trace + middle - 2.0 / (n - 2) * both) / (n * (n - 3.0));
  }

  private static double[][] gram(double[][] rows) {
    double[][] gram = new double[rows.length][rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        for (int f = 0; f < rows[i].length && i != j; f++) {
          gram[i][j] += rows[i][f] * rows[j][f];
        }
      }
    }
    return gram;
  }

  private static double[][] layer(int samples, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[samples][width];
    for (double[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = random.nextGaussian() + j;
      }
    }
    return rows;
  }

  private static double[][] related(double[][] to, long seed) {
    double[][] own = layer(to.length, to[0].length, seed);
    for (int i = 0; i < own.length; i++) {
      for (int j = 0; j < own[i].length; j++) {
        own[i][j] += 2 * to[i][own[i].length - 1 - j];
      }
    }
    return own;
  }

  private static Representation representation(double[][] rows) {
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }
}
