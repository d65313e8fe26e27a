package org.palimpsest.similarity.cca;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.MomentJackknife;
import org.palimpsest.similarity.internal.intervals.SecondMoments;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cca#svcca(Cca.Truncation)}. */
record Svcca(Cca.Truncation truncation) implements DelegatingMeasure {

  private static final double USUAL_FRACTION = 0.99;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

  /** Of the components that hold 99 % of the variance. */
  static Svcca withDefaults() {
    return new Svcca(Cca.Truncation.ofVariance(USUAL_FRACTION));
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
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements DecomposingComputation, HasInterval<CentredLayer> {

    @Override
    public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
      return HeldOutBracket.of(
          layer -> CentredRows.ofComponents(layer, RankTolerance.automatic()),
          CanonicalDirections.equallyWeighted(truncation::keep),
          new TruncatedBracket());
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
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      return Canonical.cautions(a.info(), b.info(), score, true);
    }
  }

  /**
   * The components themselves vary with the images, which the influences of images on correlations
   * along them do not tell: the standard error is that of the jackknife.
   */
  private final class TruncatedBracket extends CanonicalDirections.Bracket {

    /** Seconds for each p³, as measured. */
    private static final double OF_TWO_DECOMPOSITIONS = 7e-9;

    /** Rare components are left out. */
    @Override
    public boolean isMeanOfFeatures() {
      return false;
    }

    @Override
    int components(CentredRows layer) {
      double[] squares = new double[layer.rows().columns()];
      for (int k = 0; k < layer.rows().values().length; k++) {
        double value = layer.rows().values()[k];
        squares[k % squares.length] += value * value;
      }
      return Math.min(squares.length, truncation.keep(squares));
    }

    @Override
    public OptionalDouble standardError(CentredRows a, CentredRows b) {
      return OptionalDouble.of(MomentJackknife.standardError(a, b, this::ofMoments));
    }

    @Override
    public double secondsOfStandardError(CentredRows a, CentredRows b) {
      return MomentJackknife.seconds(a, b, OF_TWO_DECOMPOSITIONS);
    }

    private double ofMoments(SecondMoments moments) {
      Dense ofA = CanonicalDirections.whitening(moments.aa(), truncation::keep);
      Dense ofB = CanonicalDirections.whitening(moments.bb(), truncation::keep);
      Dense between = Products.product(Products.transposeTimes(ofA, moments.ab()), ofB);
      return Canonical.mean(Canonical.correlations(between));
    }
  }
}
