package org.palimpsest.similarity.statistics;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/**
 * The absolute difference of the mean cosines of the samples to their mean row, in two layers, n ×
 * p and n × q: how narrowly samples lie about one direction.
 *
 * <p>It is a distance from 0 to 2 without a unit, and symmetric. It does not notice rotations,
 * scaling, the order of features or appended zeros; translations it does. It says nothing of which
 * samples are alike: samples may be reordered in one layer alone.
 *
 * <p>A sample of zeros alone and a mean row of zero have no direction and are refused:
 * concentricity is of activations before they are centred. Intervals are refused. Cost: n p for
 * each layer once, one subtraction for a pair.
 *
 * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
 * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
 */
public record ConcentricityDifference() implements DelegatingMeasure {

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.distance(
              "Difference in how narrowly the samples lie about the direction of their mean.")
          .range(new Range(0, 2))
          .ignores(
              ROTATION,
              FEATURE_PERMUTATION,
              ISOTROPIC_SCALING,
              ZERO_PADDING,
              SAMPLE_REORDERING_IN_BOTH,
              SAMPLE_REORDERING_IN_ONE)
          .notices(TRANSLATION, INVERTIBLE_LINEAR_MAP)
          .source(
              "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
          .cost("prepare np, compare 1")
          .build();

  @Override
  public String name() {
    return "concentricity_difference";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new StatisticDifference(new Concentricity(), PROPERTIES);
  }

  /** The mean cosine of the rows to the mean row. */
  record Concentricity() implements Preparation<LayerStatistic> {

    /** A mean below this part of the largest value is what rounding left of a mean of zero. */
    private static final double ROUNDING = 1e-14;

    @Override
    public LayerStatistic prepare(Representation representation) {
      SampleRows rows = SampleRows.of(representation);
      SampleRows unit = rows.normalised("is all zero, so that no angle to it is defined");
      double[] direction = direction(rows.dividedBy(rows.powerOfTwoScale()));
      double sum = 0;
      for (int i = 0; i < unit.count(); i++) {
        sum += unit.product(i, direction);
      }
      return new LayerStatistic(representation.info(), sum / unit.count());
    }

    private static double[] direction(SampleRows rows) {
      double[] mean = rows.mean();
      double squares = 0;
      for (double entry : mean) {
        squares += entry * entry;
      }
      double norm = Math.sqrt(squares);
      if (norm < ROUNDING) {
        throw new PalimpsestException(
            "The mean sample of layer '%s' (%s samples × %s features) is zero, so that no angle to it is defined. Concentricity is of activations before they are centred."
                .formatted(rows.info().layer(), rows.count(), rows.width()));
      }
      for (int j = 0; j < mean.length; j++) {
        mean[j] /= norm;
      }
      return mean;
    }

    @Override
    public Optional<PreparedFormat<LayerStatistic>> format() {
      return Optional.of(new LayerStatistic.Format());
    }
  }
}
