package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/** See {@link Predictions#dice(Scale)}. */
record PredictionDice(Predictions.Scale scale) implements DelegatingMeasure {

  @Override
  public String name() {
    return PredictionComputation.nameFrom("prediction_dice", scale);
  }

  @Override
  public MeasureProperties properties() {
    return PredictionComputation.propertiesOf(
        scale,
        "Overlap of two predicted segmentations.",
        Direction.SIMILARITY,
        "Dice 1945, Measures of the amount of ecologic association between species",
        true);
  }

  @Override
  public Computation<?> computation() {
    return new PredictionComputation(scale, this::score);
  }

  private Score score(PredictedClasses a, PredictedClasses b) {
    Diagnostics diagnostics = Diagnostics.of(a.positions());
    double sum = 0;
    int predicted = 0;
    for (int c = 1; c < a.classes(); c++) {
      long ofEither = count(a, c) + count(b, c);
      if (ofEither > 0) {
        sum += 2.0 * common(a, b, c) / ofEither;
        predicted++;
      }
    }
    if (predicted == 0) {
      return Score.of(
          1,
          properties(),
          diagnostics.withWarning(
              "Neither layer '%s' nor layer '%s' predicts any foreground."
                  .formatted(a.info().layer(), b.info().layer())));
    }
    return Score.of(sum / predicted, properties(), diagnostics);
  }

  private static long count(PredictedClasses predictions, int ofClass) {
    long count = 0;
    for (int i = 0; i < predictions.positions(); i++) {
      count += predictions.label(i) == ofClass ? 1 : 0;
    }
    return count;
  }

  private static long common(PredictedClasses a, PredictedClasses b, int ofClass) {
    long count = 0;
    for (int i = 0; i < a.positions(); i++) {
      count += a.label(i) == ofClass && b.label(i) == ofClass ? 1 : 0;
    }
    return count;
  }
}
