package org.palimpsest.similarity.internal.pairwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Against the exponential of the Java library. */
class DecayingExponentialsTest {

  private static double[] lessOne(double divisor, double... values) {
    double[] results = values.clone();
    DecayingExponentials.lessOne(results, results.length, divisor);
    return results;
  }

  @Test
  void areExactToTwelveDigits() {
    double[] values = new double[60_001];
    Arrays.setAll(values, k -> (k + 1) / 1000.0 * 3);

    double[] results = lessOne(3, values);

    for (int k = 0; k < values.length; k++) {
      assertThat(results[k] / Math.expm1(-values[k] / 3)).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void loseNoDigitOfSmallValues() {
    for (double value : new double[] {1e-3, 1e-9, 1e-15, 1e-100}) {
      assertThat(lessOne(7, value)[0] / Math.expm1(-value / 7)).isCloseTo(1, within(1e-12));
    }
    assertThat(lessOne(1, 0)[0]).isCloseTo(0, within(0.0));
  }

  @Test
  void endAtMinusOne() {
    for (double result : lessOne(1, 100, 700, 1e9, 1e300, Double.MAX_VALUE)) {
      assertThat(result).isCloseTo(-1, within(1e-15));
    }
    assertThat(lessOne(1e-300, 1)[0]).isCloseTo(-1, within(1e-15));
  }

  @Test
  void leaveTheRestAlone() {
    double[] values = {0, 2, 5};

    DecayingExponentials.lessOne(values, 2, 2);

    assertThat(values).containsExactly(new double[] {0, Math.expm1(-1), 5}, within(1e-12));
  }
}
