package org.palimpsest.similarity.matching;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.Arrays;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.linalg.Dense;

/** See {@link Matching#softCorrelation()}. */
record SoftCorrelationMatch() implements DelegatingMeasure {

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Mean correlation of each feature with its best match in the other layer.")
          .range(new Range(-1, 1))
          .ignores(FEATURE_PERMUTATION, ISOTROPIC_SCALING, TRANSLATION, SAMPLE_REORDERING_IN_BOTH)
          .notices(ROTATION, INVERTIBLE_LINEAR_MAP, ZERO_PADDING, SAMPLE_REORDERING_IN_ONE)
          .source(
              "Li et al. 2015, Convergent Learning: Do different neural networks learn the same"
                  + " representations?")
          .cost("prepare np, compare np²")
          .build();

  @Override
  public String name() {
    return "soft_correlation_match";
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
      super(PROPERTIES, 1);
    }

    @Override
    HeldOutBracket.Learnt matched(Dense correlations) {
      int[] ofRows = best(correlations);
      int[] ofColumns = best(correlations.transpose());
      return (x, y) -> {
        HeldOut fromX = HeldOut.ofCorrelations(x, CorrelationMatch.columns(y, ofRows));
        return fromX.averagedWith(
            HeldOut.ofCorrelations(CorrelationMatch.columns(x, ofColumns), y));
      };
    }

    /** Where each row is largest. */
    private static int[] best(Dense matrix) {
      int[] best = new int[matrix.rows()];
      for (int i = 0; i < best.length; i++) {
        for (int j = 1; j < matrix.columns(); j++) {
          best[i] = matrix.get(i, j) > matrix.get(i, best[i]) ? j : best[i];
        }
      }
      return best;
    }

    @Override
    double value(Dense correlations) {
      double[] bestOfRow = new double[correlations.rows()];
      double[] bestOfColumn = new double[correlations.columns()];
      Arrays.fill(bestOfRow, -1);
      Arrays.fill(bestOfColumn, -1);
      for (int i = 0; i < bestOfRow.length; i++) {
        for (int j = 0; j < bestOfColumn.length; j++) {
          double correlation = correlations.get(i, j);
          bestOfRow[i] = Math.max(bestOfRow[i], correlation);
          bestOfColumn[j] = Math.max(bestOfColumn[j], correlation);
        }
      }
      return (mean(bestOfRow) + mean(bestOfColumn)) / 2;
    }

    private static double mean(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return sum / values.length;
    }
  }
}
