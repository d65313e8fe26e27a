package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/** See {@link Predictions#disagreement(Scale)}. */
record Disagreement(Predictions.Scale scale) implements DelegatingMeasure {

  @Override
  public String name() {
    return PredictionComputation.nameFrom("disagreement", scale);
  }

  @Override
  public MeasureProperties properties() {
    return PredictionComputation.propertiesOf(
        scale,
        "Share of positions at which two networks predict different classes.",
        Direction.DISTANCE,
        "Madani et al. 2004, Co-validation; Klabunde et al. 2024, ReSi",
        true);
  }

  @Override
  public Computation<?> computation() {
    return new PredictionComputation(scale, this::score);
  }

  private Score score(PredictedClasses a, PredictedClasses b) {
    long different = 0;
    for (int i = 0; i < a.positions(); i++) {
      different += a.label(i) == b.label(i) ? 0 : 1;
    }
    return Score.of(
        (double) different / a.positions(), properties(), Diagnostics.of(a.positions()));
  }
}
