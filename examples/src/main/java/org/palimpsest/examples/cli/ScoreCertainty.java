package org.palimpsest.examples.cli;

import java.util.List;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.uncertainty.Baseline;
import org.palimpsest.similarity.uncertainty.Bootstrap;
import org.palimpsest.similarity.uncertainty.Interval;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;

/** Figures that say how sure one score is. */
sealed interface ScoreCertainty {

  /** What the figures are called. */
  List<String> names();

  /** One figure for each name. */
  List<Double> figures(Measure<?> measure, Representation a, Representation b);

  /** The ends of a bootstrap interval. */
  record OfInterval(Bootstrap bootstrap) implements ScoreCertainty {
    @Override
    public List<String> names() {
      return List.of("low", "high", "level");
    }

    @Override
    public List<Double> figures(Measure<?> measure, Representation a, Representation b) {
      Interval interval = bootstrap.interval(measure, a, b);
      return List.of(interval.low(), interval.high(), interval.level());
    }
  }

  /** What unrelated layers would score. */
  record OfBaseline(PermutationBaseline permutations) implements ScoreCertainty {
    @Override
    public List<String> names() {
      return List.of("null mean", "null sd", "p value", "calibrated");
    }

    @Override
    public List<Double> figures(Measure<?> measure, Representation a, Representation b) {
      Baseline baseline = permutations.baseline(measure, a, b);
      return List.of(
          baseline.nullMean(), baseline.nullDeviation(), baseline.pValue(), baseline.calibrated());
    }
  }
}
