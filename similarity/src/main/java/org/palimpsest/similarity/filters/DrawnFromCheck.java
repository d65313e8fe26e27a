package org.palimpsest.similarity.filters;

import java.util.List;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;

/** The weights against what they were drawn from: their distribution, mean and variance. */
final class DrawnFromCheck {

  private static final String KS = "ks_drawn_from";
  private static final String VARIANCE = "variance_ratio";

  private static final double KOLMOGOROV_95 = 1.3580986393225507;

  private DrawnFromCheck() {}

  /** Against the distribution that a named initialisation draws from. */
  static RandomnessCheck of(Initialisation initialisation) {
    return new OfInitialisation(initialisation);
  }

  /** Against the weights of the same layers in another network. */
  static RandomnessCheck of(NetworkFilters start) {
    return new OfStartingWeights(start);
  }

  /** The upper end is Stephens's approximation (1970, JRSS B 32, 115–122). */
  private static TestResult ks(double statistic, double p, double effective, long n) {
    double root = Math.sqrt(effective);
    return RandomnessCheck.result(
        Question.DRAWN_FROM, KS, statistic, 0, KOLMOGOROV_95 / (root + 0.12 + 0.11 / root), p, n);
  }

  private static TestResult mean(double difference, double standardError, long n) {
    return RandomnessCheck.result(
        Question.DRAWN_FROM,
        "mean_shift",
        difference,
        -Gaussian.UPPER * standardError,
        Gaussian.UPPER * standardError,
        Gaussian.twoSidedP(difference / standardError),
        n);
  }

  /** Of a ratio whose logarithm is about normal. */
  private static TestResult variance(double ratio, double standardErrorOfLog, long n) {
    return RandomnessCheck.result(
        Question.DRAWN_FROM,
        VARIANCE,
        ratio,
        Math.exp(-Gaussian.UPPER * standardErrorOfLog),
        Math.exp(Gaussian.UPPER * standardErrorOfLog),
        Gaussian.twoSidedP(Math.log(ratio) / standardErrorOfLog),
        n);
  }

  /**
   * The weights against the distribution that a named initialisation draws from: Kolmogorov-Smirnov
   * with nothing estimated, the mean, and the variance.
   */
  private static final class OfInitialisation implements RandomnessCheck {

    private static final int LEAST = 5;

    private final Initialisation initialisation;

    OfInitialisation(Initialisation initialisation) {
      this.initialisation = initialisation;
    }

    @Override
    public List<TestResult> test(Sample sample, List<String> notes) {
      if (RandomnessCheck.tooFew(sample, LEAST, KS, notes)) {
        return List.of();
      }
      double sd = initialisation.standardDeviation(sample.layout());
      if (Double.isNaN(sd)) {
        return List.of();
      }
      double[] standardised = sample.weights();
      for (int i = 0; i < standardised.length; i++) {
        standardised[i] /= sd;
      }
      KolmogorovSmirnovTest.OneResult ks =
          KolmogorovSmirnovTest.withDefaults()
              .test(standardised, initialisation.form()::standardCdf);
      int n = sample.count();
      return List.of(
          ks(ks.getStatistic(), ks.getPValue(), n, n),
          mean(sample.mean(), sd / Math.sqrt(n), n),
          variance(sample, sd));
    }

    /**
     * For Gaussian weights exactly chi-squared over n; for others of the right mean and variance.
     */
    private TestResult variance(Sample sample, double sd) {
      int n = sample.count();
      double ratio = (sample.sumOfSquares() / n + sample.mean() * sample.mean()) / (sd * sd);
      double spread = (initialisation.form().kurtosis() - 1) / n;
      GammaDistribution chance = GammaDistribution.of(1 / spread, spread);
      double below = chance.cumulativeProbability(ratio);
      double above = chance.survivalProbability(ratio);
      return RandomnessCheck.result(
          Question.DRAWN_FROM,
          VARIANCE,
          ratio,
          chance.inverseCumulativeProbability(0.025),
          chance.inverseCumulativeProbability(0.975),
          Math.min(1, 2 * Math.min(below, above)),
          n);
    }
  }

  /**
   * The weights against a sample of what they were drawn from: the same layer of another set of
   * weights. Two-sample Kolmogorov-Smirnov, the difference of means, the ratio of variances.
   */
  private static final class OfStartingWeights implements RandomnessCheck {

    private static final int LEAST = 5;

    private final NetworkFilters start;

    OfStartingWeights(NetworkFilters start) {
      this.start = start;
    }

    @Override
    public List<TestResult> test(Sample sample, List<String> notes) {
      FilterBank.Layout layout = sample.layout();
      if (start.layout(layout.layer()).isEmpty()) {
        notes.add(
            "%s has no layer '%s' to compare with.".formatted(start.network(), layout.layer()));
        return List.of();
      }
      Sample drawn = Sample.of(start.bank(layout.layer()));
      if (drawn.isConstant()) {
        notes.add("Layer '%s' is constant in %s.".formatted(layout.layer(), start.network()));
        return List.of();
      }
      return RandomnessCheck.tooFew(sample, LEAST, KS, notes)
              || RandomnessCheck.tooFew(drawn, LEAST, KS, notes)
          ? List.of()
          : results(sample, drawn);
    }

    private static List<TestResult> results(Sample sample, Sample drawn) {
      double n = sample.count();
      double m = drawn.count();
      KolmogorovSmirnovTest.TwoResult ks =
          KolmogorovSmirnovTest.withDefaults().test(sample.weights(), drawn.weights());
      double standardError = Math.sqrt(sample.variance() / n + drawn.variance() / m);
      double ofLog = Math.sqrt((sample.kurtosis() - 1) / n + (drawn.kurtosis() - 1) / m);
      return List.of(
          ks(ks.getStatistic(), ks.getPValue(), n * m / (n + m), sample.count()),
          mean(sample.mean() - drawn.mean(), standardError, sample.count()),
          variance(sample.variance() / drawn.variance(), ofLog, sample.count()));
    }
  }
}
