package org.palimpsest.similarity.geometry;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.List;
import java.util.Optional;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;

/** See {@link Geometry#uniformityDifference()}. */
record UniformityDifference() implements DelegatingMeasure {

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.distance("Difference in how evenly the samples spread over space.")
          .range(Range.NON_NEGATIVE)
          .ignores(
              ROTATION,
              FEATURE_PERMUTATION,
              TRANSLATION,
              ZERO_PADDING,
              SAMPLE_REORDERING_IN_BOTH,
              SAMPLE_REORDERING_IN_ONE)
          .notices(ISOTROPIC_SCALING, INVERTIBLE_LINEAR_MAP)
          .source(
              "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
          .cost("prepare n²p, compare 1")
          .build();

  @Override
  public String name() {
    return "uniformity_difference";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private static final class Formula extends StatisticDifference {

    /** Below this, log mean exp(−2 d²) is −log n to all digits that matter. */
    private static final double UNDERFLOW = 1e-9;

    Formula() {
      super(new Uniformity(), PROPERTIES);
    }

    @Override
    public List<String> cautions(LayerStatistic a, LayerStatistic b, Score score) {
      return Math.max(a.value(), b.value()) < UNDERFLOW
          ? List.of(
              "In both layers all samples are so far apart (in units of the layer, beyond about 3) that exp(-2 d^2) is nothing, and the difference is 0 whatever the layers. Divide the layers by their norm first, or take magnitude_difference or a measure that ignores scale.")
          : List.of();
    }
  }

  /**
   * log mean exp(−2 d²) over all n² pairs, plus log n: log(1 + 2 Σ_{i&lt;j} exp(−2 d²) / n).
   * Without the term that all layers of n samples share, small differences keep their digits.
   */
  record Uniformity() implements Preparation<LayerStatistic> {

    @Override
    public LayerStatistic prepare(Representation representation) {
      SampleRows rows = SampleRows.of(representation).centred();
      double scale = rows.powerOfTwoScale();
      double exponent = -2 * scale * scale;
      int n = rows.count();
      double[] sums = new double[n];
      SquaredDistances.upper(
          rows.dividedBy(scale),
          (i, first, squared) -> {
            double sum = 0;
            for (int j = i + 1; j < n; j++) {
              double distance = squared[j - first];
              sum += distance == 0 ? 1 : Math.exp(exponent * distance);
            }
            sums[i] = sum;
          });
      double total = 0;
      for (double sum : sums) {
        total += sum;
      }
      return new LayerStatistic(representation.info(), Math.log1p(2 * total / n));
    }

    @Override
    public Optional<PreparedFormat<LayerStatistic>> format() {
      return Optional.of(new LayerStatistic.Format());
    }
  }
}
