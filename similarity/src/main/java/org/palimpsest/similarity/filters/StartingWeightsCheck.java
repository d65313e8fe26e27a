package org.palimpsest.similarity.filters;

import java.util.List;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.NetworkFilters;

/**
 * The weights against a sample of what they were drawn from: the same layer of another set of
 * weights. Two-sample Kolmogorov-Smirnov, the difference of means, the ratio of variances.
 */
final class StartingWeightsCheck implements RandomnessCheck {

  private static final int LEAST = 5;

  private final NetworkFilters start;

  StartingWeightsCheck(NetworkFilters start) {
    this.start = start;
  }

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    FilterLayout layout = sample.layout();
    if (start.layout(layout.layer()).isEmpty()) {
      notes.add("%s has no layer '%s' to compare with.".formatted(start.network(), layout.layer()));
      return List.of();
    }
    Sample drawn = Sample.of(start.bank(layout.layer()));
    if (drawn.isConstant()) {
      notes.add("Layer '%s' is constant in %s.".formatted(layout.layer(), start.network()));
      return List.of();
    }
    return RandomnessCheck.tooFew(sample, LEAST, StartFigures.KS, notes)
            || RandomnessCheck.tooFew(drawn, LEAST, StartFigures.KS, notes)
        ? List.of()
        : figures(sample, drawn);
  }

  private static List<RandomnessFigure> figures(Sample sample, Sample drawn) {
    double n = sample.count();
    double m = drawn.count();
    KolmogorovSmirnovTest.TwoResult ks =
        KolmogorovSmirnovTest.withDefaults().test(sample.weights(), drawn.weights());
    double standardError = Math.sqrt(sample.variance() / n + drawn.variance() / m);
    double ofLog = Math.sqrt((sample.kurtosis() - 1) / n + (drawn.kurtosis() - 1) / m);
    return List.of(
        StartFigures.ks(ks.getStatistic(), ks.getPValue(), n * m / (n + m), sample.count()),
        StartFigures.mean(sample.mean() - drawn.mean(), standardError, sample.count()),
        StartFigures.variance(sample.variance() / drawn.variance(), ofLog, sample.count()));
  }
}
