package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;

class RdmJackknifeTest {

  private static final int FEATURES = 4;

  private static Rsa.RdmComparison rsa(Rsa.Comparison comparison) {
    return new Rsa.RdmComparison(Rsa.Distance.EUCLIDEAN, comparison);
  }

  private static Rdm rdm(Representation layer) {
    return new Rdm.Making(Rsa.Distance.EUCLIDEAN).prepare(layer);
  }

  private static JackknifeValues distances(double[][] x, double[][] y) {
    return RdmJackknife.DistancesByImages.of(rdm(Data.representation("x", x)))
        .jackknife(RdmJackknife.DistancesByImages.of(rdm(Data.representation("y", y))));
  }

  private static JackknifeValues ranks(Representation x, Representation y) {
    return RdmJackknife.RanksByImages.of(rdm(x)).jackknife(RdmJackknife.RanksByImages.of(rdm(y)));
  }

  private static JackknifeValues ranks(double[][] x, double[][] y) {
    return ranks(Data.representation("x", x), Data.representation("y", y));
  }

  private static double valueOfOthers(
      Rsa.Comparison comparison, double[][] x, double[][] y, int left) {
    int[] others = IntStream.range(0, x.length).filter(row -> row != left).toArray();
    return rsa(comparison)
        .compare(
            Data.representation("x", Data.reorder(x, others)),
            Data.representation("y", Data.reorder(y, others)))
        .value();
  }

  /** Of 45 pairs each has a bin of its own. */
  @ParameterizedTest
  @EnumSource(names = {"PEARSON", "SPEARMAN"})
  void valuesWithoutAnImageAreThoseOfTheOthers(Rsa.Comparison comparison) {
    double[][] x = Data.layer(10, 5, 1);
    double[][] y = Data.relative(x, FEATURES, 7);
    JackknifeValues found = comparison == Rsa.Comparison.PEARSON ? distances(x, y) : ranks(x, y);
    assertThat(found.value()).isCloseTo(valueOfOthers(comparison, x, y, -1), within(1e-12));
    for (int left = 0; left < 10; left++) {
      assertThat(found.without()[left])
          .isCloseTo(valueOfOthers(comparison, x, y, left), within(1e-12));
    }
  }

  /** Silent samples are equally far from each other. */
  @Test
  void ranksAreTakenAnewWherePairsTie() {
    double[][] x = Data.layer(12, FEATURES, 3);
    double[][] y = Data.relative(x, FEATURES, 9);
    for (int silent = 0; silent < 6; silent++) {
      Arrays.fill(x[silent], 0);
      Arrays.fill(y[silent], 0, silent % 2 == 0 ? FEATURES : 1, 0);
    }
    JackknifeValues found = ranks(x, y);
    for (int left = 0; left < 12; left++) {
      assertThat(found.without()[left])
          .isCloseTo(valueOfOthers(Rsa.Comparison.SPEARMAN, x, y, left), within(1e-12));
    }
  }

  /** A change of one of 3160 pairs' bins changes the standard error by less than a hundredth. */
  @ParameterizedTest
  @CsvSource({"1", "0.1"})
  void binsHardlyMatter(double noise) {
    double[][] x = Data.layer(80, 6, 5);
    double[][] other = Data.layer(80, 6, 6);
    double[][] y = new double[80][6];
    for (int i = 0; i < 80; i++) {
      for (int j = 0; j < 6; j++) {
        y[i][j] = x[i][j] + noise * other[i][j];
      }
    }
    double[] exact =
        IntStream.range(0, 80)
            .mapToDouble(left -> valueOfOthers(Rsa.Comparison.SPEARMAN, x, y, left))
            .toArray();
    double expected = deviation(exact);
    assertThat(deviation(ranks(x, y).without())).isCloseTo(expected, within(0.01 * expected));
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum());
  }

  @Test
  void ofPositionsOnlyPairsOfDifferentImagesAreRanked() {
    int images = 4;
    int each = 3;
    double[][] x = Data.layer(images * each, 5, 11);
    double[][] y = Data.relative(x, FEATURES, 12);
    JackknifeValues found = ranks(positions("x", x, each), positions("y", y, each));
    assertThat(found.value()).isCloseTo(correlationOfRanks(x, y, each, -1), within(1e-12));
    for (int left = 0; left < images; left++) {
      assertThat(found.without()[left])
          .isCloseTo(correlationOfRanks(x, y, each, left), within(1e-12));
    }
  }

  private static Representation positions(String layer, double[][] values, int each) {
    return new Representation(
        new Representation.Info(
            layer, values.length, values[0].length, each, Fingerprint.unknown(), "made up"),
        Nd4j.createFromArray(values));
  }

  private static double correlationOfRanks(double[][] x, double[][] y, int each, int left) {
    double[] a = ranks(distancesOfImages(x, each, left));
    double[] b = ranks(distancesOfImages(y, each, left));
    double ab = IntStream.range(0, a.length).mapToDouble(k -> a[k] * b[k]).sum();
    return ab
        / Math.sqrt(Arrays.stream(a).map(v -> v * v).sum())
        / Math.sqrt(Arrays.stream(b).map(v -> v * v).sum());
  }

  private static double[] distancesOfImages(double[][] values, int each, int left) {
    DoubleStream.Builder found = DoubleStream.builder();
    for (int i = 0; i < values.length; i++) {
      for (int j = i + 1; j < values.length; j++) {
        if (i / each != j / each && i / each != left && j / each != left) {
          double sum = 0;
          for (int k = 0; k < values[i].length; k++) {
            sum += (values[i][k] - values[j][k]) * (values[i][k] - values[j][k]);
          }
          found.add(sum);
        }
      }
    }
    return found.build().toArray();
  }

  /** Less their mean. */
  private static double[] ranks(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return Arrays.stream(values)
        .map(value -> Arrays.binarySearch(sorted, value) - (values.length - 1) / 2.0)
        .toArray();
  }
}
