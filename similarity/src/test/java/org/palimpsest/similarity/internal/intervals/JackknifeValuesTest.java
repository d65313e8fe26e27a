package org.palimpsest.similarity.internal.intervals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.similarity.Data;

class JackknifeValuesTest {

  private static JackknifeValues values(double... without) {
    return new JackknifeValues(0.5, without);
  }

  private static double[] normal(int count) {
    return Arrays.stream(Data.normal(count, 1, 11)).mapToDouble(row -> row[0]).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {2000, 20_000})
  void normalValuesHaveAsManyDegreesAsThereAre(int count) {
    assertThat(values(normal(count)).degreesOfFreedom()).isBetween(0.85 * count, count - 1.0);
  }

  /** m = 1 / Σ of squared shares: one value that deviates by 1 of n has (1 − 1/n)² + … */
  @Test
  void oneValueThatMovesAloneHasLittleMoreThanTwo() {
    double[] without = new double[100];
    without[3] = 1;
    assertThat(values(without).degreesOfFreedom()).isBetween(2.0, 2.2);
  }

  @Test
  void valuesThatDeviateAlikeHaveOneLessThanThereAre() {
    double[] alternating = IntStream.range(0, 20).mapToDouble(i -> i % 2).toArray();
    assertThat(values(alternating).degreesOfFreedom()).isEqualTo(19);
    assertThat(values(new double[20]).degreesOfFreedom()).isEqualTo(19);
  }

  @Test
  void theScaleAndTheOrderOfValuesDoNotMatter() {
    double[] some = normal(50);
    double expected = values(some).degreesOfFreedom();
    double[] scaled = IntStream.range(0, 50).mapToDouble(i -> 7 - 1e-6 * some[49 - i]).toArray();
    assertThat(values(scaled).degreesOfFreedom()).isCloseTo(expected, within(1e-6));
  }

  @Test
  void layersThatAreAlwaysTheSameHaveAnIntervalOfOnePoint() {
    double[] ones = IntStream.range(0, 10).mapToDouble(i -> 1).toArray();
    JackknifeValues same = new JackknifeValues(1, ones);
    IntervalRequest request = new IntervalRequest(0.95, 100, 0);
    assertThat(same.aboutCorrectedOnArtanhScale(request))
        .isEqualTo(new JackknifeValues.Ends(1, 1, 1));
    assertThat(same.aboutValueOnArtanhScale(request)).isEqualTo(new JackknifeValues.Ends(1, 1, 1));
  }
}
