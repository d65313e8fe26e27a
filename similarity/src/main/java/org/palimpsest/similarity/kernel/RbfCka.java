package org.palimpsest.similarity.kernel;

import static org.palimpsest.core.measure.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.uncertainty.HsicJackknife;
import org.palimpsest.similarity.uncertainty.IntervalEstimator;

/**
 * Centred kernel alignment with the Gaussian kernel exp(−d² / (2 F² m)): tr(KHLH) / (|HKH| |HLH|),
 * the biased estimator.
 *
 * <p>Source: Kornblith et al. 2019, section 3. Here m is the median of all n² squared distances,
 * the zero ones of samples to themselves included. Features are centred and products are float32
 * where the representation is float32.
 *
 * @param fraction F, the bandwidth as a fraction of the median distance; positive
 */
public record RbfCka(double fraction) implements CentredKernelMeasure {

  static final double DEFAULT_FRACTION = 0.5;

  private static final Set<Transformation> NOTICES =
      Set.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Centred kernel alignment with a Gaussian kernel whose bandwidth is a fraction of the"
                  + " median distance.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source(
              "Kornblith et al. 2019, Similarity of Neural Network Representations Revisited, section"
                  + " 3")
          .cost("prepare n²p, compare n²; n²/2 numbers kept")
          .build();

  public RbfCka {
    if (!(fraction > 0) || Double.isInfinite(fraction)) {
      throw new PalimpsestException(
          "The bandwidth of RBF CKA is a positive fraction of the median distance, such as 0.5, not %s."
              .formatted(fraction));
    }
  }

  /** Half the median distance. */
  public static RbfCka withDefaults() {
    return new RbfCka(DEFAULT_FRACTION);
  }

  public RbfCka withBandwidth(double fractionOfMedianDistance) {
    return new RbfCka(fractionOfMedianDistance);
  }

  @Override
  public String name() {
    return fraction == DEFAULT_FRACTION ? "rbf_cka" : "rbf_cka:" + fraction;
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Preparation<CentredKernel> preparation() {
    return new RbfKernelPreparation(fraction);
  }

  @Override
  public IntervalEstimator<CentredKernel, ?> intervalEstimator() {
    return HsicJackknife.ofBiased(CentredKernel::byImages);
  }

  @Override
  public boolean isRoot() {
    return false;
  }
}
