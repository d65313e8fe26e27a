package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.streaming.CoMoments;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/** Float32 layers of many samples that differ by less than what sums in float32 lose. */
class NearlyEqualLayersTest {

  private static final double[][] TALL = Data.layer(12_000, 24, 1);
  private static final double[][] WIDE = Data.normal(90, 3000, 2);

  private static Stream<String> measures() {
    return Stream.of(
        "procrustes_angular",
        "procrustes_normalized",
        "procrustes_size_and_shape",
        "shape:1",
        "shape",
        "shape:0",
        "aligned_cosine",
        "linear_cka",
        "debiased_linear_cka",
        "svcca",
        "cca_mean",
        "pwcca",
        "eigenspace_overlap",
        "gulp",
        "linear_regression_x_from_y");
  }

  private static double distanceFromEqual(Score score) {
    return score.direction() == Direction.DISTANCE ? score.value() : 1 - score.value();
  }

  @ParameterizedTest
  @MethodSource("measures")
  void aTallLayerEqualsItself(String name) {
    Score score = Measures.parse(name).compare(Data.single("a", TALL), Data.single("b", TALL));
    double size = name.equals("procrustes_size_and_shape") ? norm(TALL) : 1;
    assertThat(distanceFromEqual(score)).isCloseTo(0, within(1e-6 * size));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"procrustes_angular", "procrustes_size_and_shape", "shape:1", "linear_cka"})
  void aWideLayerEqualsItself(String name) {
    Score score = Measures.parse(name).compare(Data.single("a", WIDE), Data.single("b", WIDE));
    double size = name.equals("procrustes_size_and_shape") ? norm(WIDE) : 1;
    assertThat(distanceFromEqual(score)).isCloseTo(0, within(1e-6 * size));
  }

  /**
   * An angle comes from its cosine, of which rounding takes 1e-14: of equal numbers it need not.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "procrustes_angular",
        "procrustes_normalized",
        "procrustes_size_and_shape",
        "shape:1",
        "shape"
      })
  void layersOfTheSameNumbersAreAtDistanceZero(String name) {
    Measure<?> measure = Measures.parse(name);
    double[][] few = Data.layer(70, 9, 7);
    for (double[][] layer : List.of(TALL, few)) {
      assertThat(measure.compare(Data.single("a", layer), Data.single("b", layer)).value())
          .isZero();
      assertThat(
              measure
                  .compare(Data.representation("a", layer), Data.representation("b", layer))
                  .value())
          .isZero();
    }
    double[][] other = Data.map(few, (i, j, value) -> i == 3 && j == 2 ? value + 1e-5 : value);
    assertThat(
            measure.compare(Data.representation("a", few), Data.representation("b", other)).value())
        .isPositive();
  }

  private static double norm(double[][] values) {
    return Math.sqrt(Arrays.stream(values).flatMapToDouble(Arrays::stream).map(v -> v * v).sum());
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 1e-3, 1e-2})
  void smallAnglesAreRightToOnePercent(double noise) {
    double[][] other = Data.map(TALL, (i, j, value) -> (float) value);
    double[][] added = Data.normal(TALL.length, TALL[0].length, 3);
    other = Data.map(other, (i, j, value) -> value + noise * added[i][j]);
    for (String name : new String[] {"procrustes_angular", "shape:1"}) {
      Measure<?> measure = Measures.parse(name);
      double exact =
          measure.compare(Data.representation("a", TALL), Data.representation("b", other)).value();
      assertThat(measure.compare(Data.single("a", TALL), Data.single("b", other)).value())
          .as(name)
          .isCloseTo(exact, within(0.01 * exact));
    }
  }

  /** Channels of smooth maps after a ReLU: never negative, far from centred, much alike. */
  private static double[][] maps(int images, int side, int channels) {
    SplittableRandom random = new SplittableRandom(4);
    double[][] maps = new double[images * side * side][channels];
    double[][] mixing = Data.normal(channels, 6, 5);
    for (int row = 0; row < maps.length; row++) {
      int image = row / (side * side);
      double x = row % side / (double) side;
      double y = row / side % side / (double) side;
      for (int c = 0; c < channels; c++) {
        double value = 0.5 + 1e-3 * random.nextGaussian();
        for (int k = 0; k < mixing[c].length; k++) {
          value += mixing[c][k] * Math.sin((k + 1) * (2 * x - 3 * y) + image * (k + 1.3));
        }
        maps[row][c] = (float) Math.max(0, value);
      }
    }
    return maps;
  }

  /** Angles of 3.6e-4 and 3.6e-3 between feature maps, which float32 sums cannot see. */
  @ParameterizedTest
  @ValueSource(doubles = {3.63e-4, 3.64e-3, 1.21e-2})
  void smallAnglesBetweenFeatureMapsAreRightToOnePercent(double angle) {
    double[][] maps = maps(8, 24, 16);
    double[][] noise = Data.normal(maps.length, maps[0].length, 6);
    double amount = angle * centredNorm(maps) / norm(noise);
    double[][] other = Data.map(maps, (i, j, value) -> (float) (value + amount * noise[i][j]));
    Measure<?> measure = Measures.parse("procrustes_angular");

    assertThat(measure.compare(Data.single("a", maps), Data.single("b", other)).value())
        .isCloseTo(angle, within(0.01 * angle));
    assertThat(measure.compare(Data.single("a", maps), Data.single("b", maps)).value())
        .isLessThan(1e-6);
  }

  private static double centredNorm(double[][] values) {
    double squares = 0;
    for (int j = 0; j < values[0].length; j++) {
      int column = j;
      double mean = Arrays.stream(values).mapToDouble(row -> row[column]).average().orElseThrow();
      squares += Arrays.stream(values).mapToDouble(row -> row[column] - mean).map(v -> v * v).sum();
    }
    return Math.sqrt(squares);
  }

  @Test
  void streamsTellNearlyEqualLayersApartAsWell() {
    CoMoments moments = CoMoments.of(Pairs.MATCHED);
    moments.add(Data.single("a", TALL), Data.single("b", TALL));
    assertThat(moments.compare(Measures.parse("procrustes_angular"), 0, 0).value())
        .isLessThan(1e-6);
  }

  @Test
  void streamsOfFloat32ProductsSayThatTheyCannot() {
    CoMoments moments = CoMoments.of(Pairs.MATCHED, Precision.FLOAT32);
    moments.add(Data.single("a", TALL), Data.single("b", TALL));
    Score score = moments.compare(Measures.parse("procrustes_angular"), 0, 0);
    assertThat(score.diagnostics().warnings()).anyMatch(w -> w.contains("only float32 products"));
  }

  @Test
  void manyPairsGiveWhatOneGives() {
    assertThat(ofAll("linear_cka")).isCloseTo(1, within(1e-9));
    assertThat(ofAll("procrustes_angular")).isLessThan(1e-6);
  }

  private static double ofAll(String name) {
    return compareAll(Measures.parse(name), Data.single("a", TALL), Data.single("b", TALL));
  }

  private static <P extends Prepared> double compareAll(
      Measure<P> measure, Representation a, Representation b) {
    P first = measure.preparation().prepare(a);
    P second = measure.preparation().prepare(b);
    return measure.compareAll(List.of(first, second), List.of(second, first)).get(0).get(0).value();
  }
}
