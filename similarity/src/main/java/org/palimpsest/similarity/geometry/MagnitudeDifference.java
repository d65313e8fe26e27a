package org.palimpsest.similarity.geometry;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.Optional;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/** See {@link Geometry#magnitudeDifference()}. */
record MagnitudeDifference() implements DelegatingMeasure {

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.distance("Difference of the norms of the mean samples.")
          .range(Range.NON_NEGATIVE)
          .ignores(
              ROTATION,
              FEATURE_PERMUTATION,
              ZERO_PADDING,
              SAMPLE_REORDERING_IN_BOTH,
              SAMPLE_REORDERING_IN_ONE)
          .notices(ISOTROPIC_SCALING, TRANSLATION, INVERTIBLE_LINEAR_MAP)
          .source(
              "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
          .cost("prepare np, compare 1")
          .build();

  @Override
  public String name() {
    return "magnitude_difference";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new StatisticDifference(new Magnitude(), PROPERTIES);
  }

  /** The norm of the mean row. */
  record Magnitude() implements Preparation<LayerStatistic> {

    @Override
    public LayerStatistic prepare(Representation representation) {
      SampleRows rows = SampleRows.of(representation);
      double scale = rows.powerOfTwoScale();
      double sum = 0;
      for (double mean : rows.dividedBy(scale).mean()) {
        sum += mean * mean;
      }
      return new LayerStatistic(representation.info(), scale * Math.sqrt(sum));
    }

    @Override
    public Optional<PreparedFormat<LayerStatistic>> format() {
      return Optional.of(new LayerStatistic.Format());
    }
  }
}
