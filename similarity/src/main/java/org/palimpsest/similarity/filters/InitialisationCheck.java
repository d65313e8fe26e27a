package org.palimpsest.similarity.filters;

import java.util.List;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;

/**
 * The weights against the distribution that a named initialisation draws from: Kolmogorov-Smirnov
 * with nothing estimated, the mean, and the variance.
 */
final class InitialisationCheck implements RandomnessCheck {

  private static final int LEAST = 5;

  private final Initialisation initialisation;

  InitialisationCheck(Initialisation initialisation) {
    this.initialisation = initialisation;
  }

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    if (RandomnessCheck.tooFew(sample, LEAST, StartFigures.KS, notes)) {
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
        KolmogorovSmirnovTest.withDefaults().test(standardised, initialisation.form()::standardCdf);
    int n = sample.count();
    return List.of(
        StartFigures.ks(ks.getStatistic(), ks.getPValue(), n, n),
        StartFigures.mean(sample.mean(), sd / Math.sqrt(n), n),
        variance(sample, sd));
  }

  /** For Gaussian weights exactly chi-squared over n; for others of the right mean and variance. */
  private RandomnessFigure variance(Sample sample, double sd) {
    int n = sample.count();
    double ratio = (sample.sumOfSquares() / n + sample.mean() * sample.mean()) / (sd * sd);
    double spread = (initialisation.form().kurtosis() - 1) / n;
    GammaDistribution chance = GammaDistribution.of(1 / spread, spread);
    double below = chance.cumulativeProbability(ratio);
    double above = chance.survivalProbability(ratio);
    return RandomnessCheck.figure(
        RandomnessQuestion.DRAWN_FROM,
        StartFigures.VARIANCE,
        ratio,
        chance.inverseCumulativeProbability(0.025),
        chance.inverseCumulativeProbability(0.975),
        Math.min(1, 2 * Math.min(below, above)),
        n);
  }
}
