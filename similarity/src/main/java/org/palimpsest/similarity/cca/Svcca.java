package org.palimpsest.similarity.cca;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.linalg.Axes;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.DecomposingMeasure;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.LinearPair;
import org.palimpsest.similarity.linalg.LinearSide;
import org.palimpsest.similarity.linalg.Products;
import org.palimpsest.similarity.linalg.RankTolerance;
import org.palimpsest.similarity.uncertainty.CoMoments;
import org.palimpsest.similarity.uncertainty.HasInterval;
import org.palimpsest.similarity.uncertainty.HeldOutBracket;
import org.palimpsest.similarity.uncertainty.IntervalEstimator;
import org.palimpsest.similarity.uncertainty.MomentJackknife;
import org.palimpsest.similarity.uncertainty.Scores;

/**
 * SVCCA: the mean canonical correlation of each layer's leading principal components.
 *
 * @param truncation how many components are kept; 99 % of the variance is usual
 * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
 */
public record Svcca(Truncation truncation)
    implements DecomposingMeasure, HasInterval<CentredLayer> {

  private static final double USUAL_FRACTION = 0.99;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

  /** Of the components that hold 99 % of the variance. */
  public static Svcca withDefaults() {
    return new Svcca(Truncation.ofVariance(USUAL_FRACTION));
  }

  @Override
  public String name() {
    return equals(withDefaults()) ? "svcca" : "svcca:" + truncation.parameter();
  }

  @Override
  public MeasureProperties properties() {
    return MeasureProperties.similarity(
            "The mean canonical correlation of the leading principal components.")
        .range(Range.UNIT)
        .noticesOnly(NOTICES)
        .source("Raghu et al. 2017")
        .cost(
            "preparation O(n p min(n, p)), comparison O(n k l + min(k, l)² max(k, l)) for k and l"
                + " components")
        .build();
  }

  @Override
  public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
    return HeldOutBracket.of(
        layer -> Scores.ofComponents(layer, RankTolerance.automatic()),
        CanonicalDirections.equallyWeighted(truncation::keep),
        new TruncatedBracket());
  }

  /**
   * The components themselves vary with the images, which the influences of images on correlations
   * along them do not tell: the standard error is that of the jackknife.
   */
  private final class TruncatedBracket extends CanonicalBracket {

    @Override
    int components(Scores layer) {
      double[] squares = new double[layer.rows().columns()];
      for (int k = 0; k < layer.rows().values().length; k++) {
        double value = layer.rows().values()[k];
        squares[k % squares.length] += value * value;
      }
      return Math.min(squares.length, truncation.keep(squares));
    }

    @Override
    public OptionalDouble standardError(Scores a, Scores b) {
      return OptionalDouble.of(MomentJackknife.standardError(a, b, Svcca.this::ofMoments));
    }
  }

  private double ofMoments(CoMoments moments) {
    Dense ofA = CanonicalDirections.whitening(moments.aa(), truncation::keep);
    Dense ofB = CanonicalDirections.whitening(moments.bb(), truncation::keep);
    Dense between = Products.product(Products.transposeTimes(ofA, moments.ab()), ofB);
    return Canonical.mean(Canonical.correlations(between));
  }

  @Override
  public void makeReady(LinearSide layer) {
    kept(layer);
  }

  @Override
  public Dense product(LinearPair pair) {
    return pair.product(kept(pair.a()), kept(pair.b()));
  }

  private Axes kept(LinearSide layer) {
    return layer.principalAxes(truncation.keep(layer.squaredSingularValues()));
  }

  @Override
  public Score score(LinearPair pair, Dense product) {
    return Score.of(
        Canonical.mean(Canonical.correlations(product)),
        properties(),
        Canonical.diagnostics(pair.samples(), product.rows(), product.columns()));
  }

  @Override
  public List<String> cautions(CentredLayer a, CentredLayer b, Score score) {
    return Canonical.cautions(a.info(), b.info(), score, true);
  }
}
