package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.List;

/**
 * Skewness and kurtosis against a Gaussian's: D'Agostino's transformation of the skewness (1970,
 * Biometrika 57, 679–681) and that of Anscombe and Glynn of the kurtosis (1983, Biometrika 70,
 * 227–234), each to a standard normal.
 */
final class MomentCheck implements RandomnessCheck {

  private static final int LEAST_FOR_SKEWNESS = 8;
  private static final int LEAST_FOR_KURTOSIS = 20;

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    List<RandomnessFigure> figures = new ArrayList<>();
    if (!RandomnessCheck.tooFew(sample, LEAST_FOR_SKEWNESS, "skewness", notes)) {
      SkewnessNull chance = new SkewnessNull(sample.count());
      figures.add(
          figure(
              "skewness",
              sample.skewness(),
              chance.quantile(-Gaussian.UPPER),
              chance.quantile(Gaussian.UPPER),
              chance.z(sample.skewness()),
              sample));
    }
    if (!RandomnessCheck.tooFew(sample, LEAST_FOR_KURTOSIS, "excess_kurtosis", notes)) {
      KurtosisNull chance = new KurtosisNull(sample.count());
      figures.add(
          figure(
              "excess_kurtosis",
              sample.kurtosis() - 3,
              chance.quantile(-Gaussian.UPPER) - 3,
              chance.quantile(Gaussian.UPPER) - 3,
              chance.z(sample.kurtosis()),
              sample));
    }
    return figures;
  }

  private static RandomnessFigure figure(
      String statistic, double value, double low, double high, double z, Sample sample) {
    return RandomnessCheck.figure(
        RandomnessQuestion.VALUES,
        statistic,
        value,
        low,
        high,
        Gaussian.twoSidedP(z),
        sample.count());
  }

  /** The skewness of n Gaussian values. */
  static final class SkewnessNull {

    private final double scale;
    private final double delta;
    private final double alpha;

    SkewnessNull(double n) {
      scale = Math.sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
      double beta =
          3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
      double w2 = -1 + Math.sqrt(2 * (beta - 1));
      delta = 1 / Math.sqrt(0.5 * Math.log(w2));
      alpha = Math.sqrt(2 / (w2 - 1));
    }

    double z(double skewness) {
      double y = Math.abs(skewness) * scale / alpha;
      return Math.copySign(delta * Math.log(y + Math.sqrt(y * y + 1)), skewness);
    }

    double quantile(double z) {
      return alpha * Math.sinh(z / delta) / scale;
    }
  }

  /** The kurtosis of n Gaussian values. */
  static final class KurtosisNull {

    private final double mean;
    private final double sd;
    private final double a;

    KurtosisNull(double n) {
      mean = 3 * (n - 1) / (n + 1);
      sd = Math.sqrt(24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5)));
      double rootBeta =
          6
              * (n * n - 5 * n + 2)
              / ((n + 7) * (n + 9))
              * Math.sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
      a = 6 + 8 / rootBeta * (2 / rootBeta + Math.sqrt(1 + 4 / (rootBeta * rootBeta)));
    }

    double z(double kurtosis) {
      double x = (kurtosis - mean) / sd;
      double denominator = 1 + x * Math.sqrt(2 / (a - 4));
      return (1 - 2 / (9 * a) - Math.cbrt((1 - 2 / a) / denominator)) / Math.sqrt(2 / (9 * a));
    }

    double quantile(double z) {
      double root = 1 - 2 / (9 * a) - z * Math.sqrt(2 / (9 * a));
      double denominator = (1 - 2 / a) / (root * root * root);
      return mean + sd * (denominator - 1) / Math.sqrt(2 / (a - 4));
    }
  }
}
