package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/**
 * The Dice overlap 2|A ∩ B| / (|A| + |B|) of two predicted segmentations over all positions,
 * averaged over the classes but the first, the background, that either network predicts anywhere.
 *
 * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
 * similarity from 0 to 1 without a unit, and symmetric. If neither predicts any foreground the
 * value is 1, and the score says so.
 *
 * <p>Layers of different numbers of classes are refused; so are, where the scale says that they are
 * probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c for
 * each layer once, n c for a pair, with n positions and c classes.
 *
 * <p>It compares two networks with each other, not with the truth: two that make the same mistakes
 * have 1. Beside the Dice of each with the truth it tells whether networks of different starts come
 * to the same function.
 *
 * <pre>{@code
 * Score score = PredictionDice.withDefaults().compare(logitsOfA, logitsOfB); // rows are positions
 * }</pre>
 *
 * @param scale what the numbers of the last layer are
 * @see <a href="https://doi.org/10.2307/1932409">Dice 1945</a>
 */
public record PredictionDice(OutputScale scale) implements DelegatingMeasure {

  /** Of logits. */
  public static PredictionDice withDefaults() {
    return new PredictionDice(OutputScale.LOGITS);
  }

  /** With the numbers of the last layer taken as logits or as probabilities. */
  public PredictionDice withScale(OutputScale other) {
    return new PredictionDice(other);
  }

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
