package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;

/**
 * The share of positions at which two networks predict different classes.
 *
 * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. Source:
 * Madani et al. 2004; Klabunde et al. 2024.
 *
 * @param scale what the numbers of the last layer are
 */
public record Disagreement(OutputScale scale) implements PredictionMeasure {

  /** Of logits. */
  public static Disagreement withDefaults() {
    return new Disagreement(OutputScale.LOGITS);
  }

  public Disagreement withScale(OutputScale other) {
    return new Disagreement(other);
  }

  @Override
  public String name() {
    return nameFrom("disagreement");
  }

  @Override
  public MeasureProperties properties() {
    return propertiesOf(
        "Share of positions at which two networks predict different classes.",
        Direction.DISTANCE,
        "Madani et al. 2004, Co-validation; Klabunde et al. 2024, ReSi",
        true);
  }

  @Override
  public Score compare(Predictions a, Predictions b) {
    a.requireComparable(b);
    long different = 0;
    for (int i = 0; i < a.positions(); i++) {
      different += a.label(i) == b.label(i) ? 0 : 1;
    }
    return Score.of(
        (double) different / a.positions(), properties(), Diagnostics.of(a.positions()));
  }
}
