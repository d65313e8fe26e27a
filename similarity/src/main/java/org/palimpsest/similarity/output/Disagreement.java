package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/**
 * The share of positions at which two segmentation networks predict different classes.
 *
 * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
 * distance from 0 to 1 without a unit, and symmetric. Only the most probable class of each position
 * counts, the first of equals.
 *
 * <p>Layers of different numbers of classes are refused; so are, where the scale says that they are
 * probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c for
 * each layer once, n for a pair, with n positions and c classes.
 *
 * <p>Most positions of a medical image are background on which all networks agree, so that small
 * values are the rule; {@link PredictionDice} looks at the foreground alone. Two networks of
 * accuracy a disagree at most at 2(1 − a) of the positions, which a reader should have at hand.
 *
 * <pre>{@code
 * Score score = Disagreement.withDefaults().withScale(OutputScale.PROBABILITIES).compare(before, after);
 * double pixels = score.value() * score.diagnostics().samples();
 * }</pre>
 *
 * @param scale what the numbers of the last layer are
 * @see "Madani et al. 2004, Co-validation"
 * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
 */
public record Disagreement(OutputScale scale) implements DelegatingMeasure {

  /** Of logits. */
  public static Disagreement withDefaults() {
    return new Disagreement(OutputScale.LOGITS);
  }

  /** With the numbers of the last layer taken as logits or as probabilities. */
  public Disagreement withScale(OutputScale other) {
    return new Disagreement(other);
  }

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
