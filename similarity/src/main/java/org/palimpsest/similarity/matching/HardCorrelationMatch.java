package org.palimpsest.similarity.matching;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;

import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearAssignment;

/** See {@link Matching#hardCorrelation()}. */
record HardCorrelationMatch() implements DelegatingMeasure {

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity("Mean correlation of features matched one to one.")
          .range(new Range(-1, 1))
          .ignores(FEATURE_PERMUTATION, ISOTROPIC_SCALING, TRANSLATION, SAMPLE_REORDERING_IN_BOTH)
          .notices(ROTATION, INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE)
          .source(
              "Li et al. 2015, Convergent Learning: Do different neural networks learn the same"
                  + " representations?")
          .cost("prepare np, compare np² + p³")
          .build();

  @Override
  public String name() {
    return "hard_correlation_match";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private static final class Formula extends CorrelationMatch {

    Formula() {
      super(PROPERTIES, 2);
    }

    @Override
    HeldOutBracket.Learnt matched(Dense correlations) {
      LinearAssignment assignment =
          LinearAssignment.maximise(
              correlations.rows(), correlations.columns(), correlations.values());
      int[] rows =
          IntStream.range(0, correlations.rows())
              .filter(i -> assignment.columnOf(i) != LinearAssignment.NONE)
              .toArray();
      int[] columns = IntStream.of(rows).map(assignment::columnOf).toArray();
      return (x, y) ->
          HeldOut.ofCorrelations(
              CorrelationMatch.columns(x, rows), CorrelationMatch.columns(y, columns));
    }

    @Override
    double value(Dense correlations) {
      LinearAssignment assignment =
          LinearAssignment.maximise(
              correlations.rows(), correlations.columns(), correlations.values());
      return assignment.total() / assignment.pairs();
    }
  }
}
