package org.palimpsest.similarity.statistics;

import static org.palimpsest.core.measure.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.Transformation.ROTATION;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.Transformation.ZERO_PADDING;

import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;

/**
 * The difference of the mean cosines of the samples to their mean.
 *
 * <p>Source: Wang et al. 2022. It says nothing of which samples are alike.
 */
public record ConcentricityDifference() implements StatisticDifference {

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
  public Preparation<LayerStatistic> preparation() {
    return new Concentricity();
  }
}
