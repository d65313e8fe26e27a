package org.palimpsest.similarity.filters;

/** The figures that compare weights with what they were drawn from. */
final class StartFigures {

  static final String KS = "ks_drawn_from";
  static final String VARIANCE = "variance_ratio";

  private static final double KOLMOGOROV_95 = 1.3580986393225507;

  private StartFigures() {}

  /** The upper end is Stephens's approximation (1970, JRSS B 32, 115–122). */
  static RandomnessFigure ks(double statistic, double p, double effective, long n) {
    double root = Math.sqrt(effective);
    return RandomnessCheck.figure(
        RandomnessQuestion.DRAWN_FROM,
        KS,
        statistic,
        0,
        KOLMOGOROV_95 / (root + 0.12 + 0.11 / root),
        p,
        n);
  }

  static RandomnessFigure mean(double difference, double standardError, long n) {
    return RandomnessCheck.figure(
        RandomnessQuestion.DRAWN_FROM,
        "mean_shift",
        difference,
        -Gaussian.UPPER * standardError,
        Gaussian.UPPER * standardError,
        Gaussian.twoSidedP(difference / standardError),
        n);
  }

  /** Of a ratio whose logarithm is about normal. */
  static RandomnessFigure variance(double ratio, double standardErrorOfLog, long n) {
    return RandomnessCheck.figure(
        RandomnessQuestion.DRAWN_FROM,
        VARIANCE,
        ratio,
        Math.exp(-Gaussian.UPPER * standardErrorOfLog),
        Math.exp(Gaussian.UPPER * standardErrorOfLog),
        Gaussian.twoSidedP(Math.log(ratio) / standardErrorOfLog),
        n);
  }
}
