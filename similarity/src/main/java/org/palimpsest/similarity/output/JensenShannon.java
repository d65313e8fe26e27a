package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/** See {@link Predictions#jensenShannon(Scale)}. */
record JensenShannon(Predictions.Scale scale) implements DelegatingMeasure {

  private static final double LOG_2 = Math.log(2);

  @Override
  public String name() {
    return PredictionComputation.nameFrom("jensen_shannon", scale);
  }

  @Override
  public MeasureProperties properties() {
    return PredictionComputation.propertiesOf(
        scale,
        "Mean divergence of two networks' class probabilities, in bits.",
        Direction.DISTANCE,
        "Lin 1991, Divergence measures based on the Shannon entropy",
        false);
  }

  @Override
  public Computation<?> computation() {
    return new PredictionComputation(scale, this::score);
  }

  private Score score(PredictedClasses a, PredictedClasses b) {
    double sum = 0;
    for (int i = 0; i < a.positions(); i++) {
      for (int c = 0; c < a.classes(); c++) {
        double p = a.probability(i, c);
        double q = b.probability(i, c);
        sum += (part(p, q) + part(q, p)) / 2;
      }
    }
    double bits = sum / a.positions() / LOG_2;
    return Score.of(Math.max(0, Math.min(1, bits)), properties(), Diagnostics.of(a.positions()));
  }

  /** p log(p / m), m the mean of p and q. */
  private static double part(double p, double q) {
    return p == 0 ? 0 : p * Math.log(2 * p / (p + q));
  }
}
