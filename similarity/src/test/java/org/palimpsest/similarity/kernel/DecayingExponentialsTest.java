package org.palimpsest.similarity.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Against the exponential of the Java library. */
class DecayingExponentialsTest {

  private static double[] exponentials(double divisor, double... values) {
    double[] results = values.clone();
    DecayingExponentials.apply(results, results.length, divisor);
    return results;
  }

  @Test
  void areExactToTwelveDigitsWhereTheyCount() {
    double[] values = new double[60_001];
    Arrays.setAll(values, k -> k / 1000.0 * 3);

    double[] results = exponentials(3, values);

    for (int k = 0; k < values.length; k++) {
      assertThat(results[k] / Math.exp(-values[k] / 3)).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void vanishForLargeValues() {
    for (double result : exponentials(1, 100, 700, 1e9, 1e300, Double.MAX_VALUE)) {
      assertThat(result).isBetween(0.0, 1e-40);
    }
    assertThat(exponentials(1e-300, 1)[0]).isBetween(0.0, 1e-290);
  }

  @Test
  void leaveTheRestAlone() {
    double[] values = {0, 2, 5};

    DecayingExponentials.apply(values, 2, 2);

    assertThat(values).containsExactly(new double[] {1, Math.exp(-1), 5}, within(1e-12));
  }
}
