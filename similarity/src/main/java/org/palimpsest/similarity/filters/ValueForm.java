package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The shape of the distribution that a start draws weights from, whatever its scale; mean 0. */
enum ValueForm {
  NORMAL("gaussian", 3),
  UNIFORM("uniform", 1.8),
  /** Cut at two standard deviations of the normal before the cut, as Keras and TensorFlow do. */
  TRUNCATED_NORMAL("truncated_normal", 2.365536717129649),
  /** All weights of a layer together: a random orthogonal matrix. */
  ORTHOGONAL("orthogonal", 3);

  /** The probability that a normal value is kept, and the standard deviation of those. */
  private static final double KEPT = 0.9544997361036416;

  private static final double KEPT_SD = 0.87962566103423978;
  private static final double CUT = 2;

  private final String label;
  private final double kurtosis;

  ValueForm(String label, double kurtosis) {
    this.label = label;
    this.kurtosis = kurtosis;
  }

  /** In snake case, for the names of statistics. */
  String label() {
    return label;
  }

  /** For people. */
  String words() {
    return this == NORMAL ? "normal" : label.replace('_', ' ');
  }

  /** The fourth standardised moment. */
  double kurtosis() {
    return kurtosis;
  }

  /** The probability of a standardised weight of at most {@code z}. */
  double standardCdf(double z) {
    return switch (this) {
      case UNIFORM -> clipped((z / Math.sqrt(3) + 1) / 2);
      case NORMAL, ORTHOGONAL -> Gaussian.cdf(z);
      case TRUNCATED_NORMAL -> clipped((Gaussian.cdf(z * KEPT_SD) - (1 - KEPT) / 2) / KEPT);
    };
  }

  private static double clipped(double probability) {
    return Math.max(0, Math.min(1, probability));
  }

  /** m × d weights of any scale, row-major. */
  double[] draw(int m, int d, SplittableRandom random) {
    if (this == ORTHOGONAL) {
      return Orthogonal.draw(m, d, random);
    }
    double[] values = new double[Math.multiplyExact(m, d)];
    for (int i = 0; i < values.length; i++) {
      values[i] = this == UNIFORM ? 2 * random.nextDouble() - 1 : random.nextGaussian();
      while (this == TRUNCATED_NORMAL && Math.abs(values[i]) > CUT) {
        values[i] = random.nextGaussian();
      }
    }
    return values;
  }

  /**
   * The form of independent draws under which these weights are likeliest, each with its likeliest
   * scale.
   */
  static ValueForm likeliest(double[] weights) {
    double n = weights.length;
    double largest = Arrays.stream(weights).map(Math::abs).max().orElseThrow();
    double squares = 0;
    for (double weight : weights) {
      squares += (weight / largest) * (weight / largest);
    }
    // In units of the largest weight.
    double rms = Math.sqrt(squares / n);
    double normal = -n * (Math.log(rms * Math.sqrt(2 * Math.PI)) + 0.5);
    double scale = Math.max(1 / CUT, rms);
    double truncated =
        -n * Math.log(scale * Math.sqrt(2 * Math.PI) * KEPT) - squares / (2 * scale * scale);
    double uniform = -n * Math.log(2);
    if (uniform >= Math.max(normal, truncated)) {
      return UNIFORM;
    }
    return truncated > normal ? TRUNCATED_NORMAL : NORMAL;
  }
}
