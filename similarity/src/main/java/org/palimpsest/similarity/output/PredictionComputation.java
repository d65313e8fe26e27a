package org.palimpsest.similarity.output;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.BiFunction;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;

/**
 * Compares the predictions of two networks.
 *
 * @param scale what the numbers of the last layer are
 * @param formula the score of predictions of the same positions and classes
 */
record PredictionComputation(
    Predictions.Scale scale, BiFunction<PredictedClasses, PredictedClasses, Score> formula)
    implements Computation<PredictedClasses> {

  @Override
  public Preparation<PredictedClasses> preparation() {
    return new PredictedClasses.Reading(scale);
  }

  @Override
  public Score compare(PredictedClasses a, PredictedClasses b) {
    a.requireComparable(b);
    return formula.apply(a, b);
  }

  /** {@code stem}, and the scale where it is not logits. */
  static String nameFrom(String stem, Predictions.Scale scale) {
    return scale == Predictions.Scale.LOGITS ? stem : stem + ":" + scale.label();
  }

  /**
   * What holds for each such measure. Padding changes the number of classes, and probabilities
   * cannot be rotated, moved or scaled, so that nothing is said of it.
   *
   * @param ofLabelsAlone whether only the most probable class matters
   */
  static MeasureProperties propertiesOf(
      Predictions.Scale scale,
      String description,
      Direction direction,
      String source,
      boolean ofLabelsAlone) {
    Set<Transformation> ignores = EnumSet.of(Transformation.SAMPLE_REORDERING_IN_BOTH);
    Set<Transformation> notices =
        EnumSet.of(Transformation.FEATURE_PERMUTATION, Transformation.SAMPLE_REORDERING_IN_ONE);
    if (scale == Predictions.Scale.LOGITS) {
      notices.add(Transformation.ROTATION);
      notices.add(Transformation.TRANSLATION);
      notices.add(Transformation.INVERTIBLE_LINEAR_MAP);
      (ofLabelsAlone ? ignores : notices).add(Transformation.ISOTROPIC_SCALING);
    }
    return MeasureProperties.of(direction, description)
        .range(Range.UNIT)
        .ignores(ignores)
        .notices(notices)
        .source(source)
        .cost("prepare nc, compare nc for c classes")
        .build();
  }
}
