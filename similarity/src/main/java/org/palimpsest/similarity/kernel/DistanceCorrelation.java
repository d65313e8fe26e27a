package org.palimpsest.similarity.kernel;

import static org.palimpsest.core.measure.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.Set;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.uncertainty.HsicJackknife;
import org.palimpsest.similarity.uncertainty.IntervalEstimator;

/**
 * Distance correlation: the root of dCov² / √(dVar² dVar²) of double-centred euclidean distances,
 * as a V-statistic.
 *
 * <p>Source: Székely, Rizzo and Bakirov 2007, definitions 3 and 4. Like every V-statistic it is
 * above zero for unrelated samples, the more so the fewer they are and the more features there are.
 */
public record DistanceCorrelation() implements CentredKernelMeasure {

  private static final Set<Transformation> NOTICES =
      Set.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Correlation of double-centred euclidean distances between samples.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source(
              "Székely et al. 2007, Measuring and testing dependence by correlation of distances")
          .cost("prepare n²p, compare n²; n²/2 numbers kept")
          .build();

  @Override
  public String name() {
    return "distance_correlation";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Preparation<CentredKernel> preparation() {
    return new CentredDistancePreparation();
  }

  @Override
  public IntervalEstimator<CentredKernel, ?> intervalEstimator() {
    return HsicJackknife.ofRoot(CentredKernel::byImages);
  }

  @Override
  public boolean isRoot() {
    return true;
  }
}
