package org.palimpsest.similarity.rsa;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;

/** See {@link Rsa#normDifference()}. */
record RsmNormDifference() implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      Set.of(ISOTROPIC_SCALING, INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.distance(
              "Norm of the difference between the euclidean distances of all pairs of samples.")
          .range(Range.NON_NEGATIVE)
          .noticesOnly(NOTICES)
          .source(
              "Shahbazi et al. 2021, Using distance on the Riemannian manifold to compare representations")
          .cost("prepare n²p, compare n²; n²/2 numbers kept")
          .build();

  @Override
  public String name() {
    return "rsm_norm_difference";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements Computation<Rdm> {

    @Override
    public Preparation<Rdm> preparation() {
      return new RdmPreparation(Rsa.Distance.EUCLIDEAN);
    }

    @Override
    public Score compare(Rdm a, Rdm b) {
      a.info().requireSameSamples(b.info());
      double largest = 0;
      for (int k = 0; k < a.pairs(); k++) {
        largest = Math.max(largest, Math.abs(a.distance(k) - b.distance(k)));
      }
      return Score.of(
          largest * relativeNorm(a, b, largest), PROPERTIES, Diagnostics.of(a.info().samples()));
    }

    private static double relativeNorm(Rdm a, Rdm b, double largest) {
      if (largest == 0) {
        return 0;
      }
      double sum = 0;
      for (int k = 0; k < a.pairs(); k++) {
        double difference = (a.distance(k) - b.distance(k)) / largest;
        sum += difference * difference;
      }
      return Math.sqrt(sum);
    }
  }
}
