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
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cca#pwcca(Cca.Side)}. */
record Pwcca(Cca.Side side, OptionalDouble tolerance) implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(
          Transformation.ROTATION,
          Transformation.INVERTIBLE_LINEAR_MAP,
          Transformation.SAMPLE_REORDERING_IN_ONE);

  /**
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  Pwcca {
    RankTolerance.check(tolerance);
  }

  @Override
  public String name() {
    String which = side == Cca.Side.X ? "" : "y";
    String suffix = new RankTolerance(tolerance).suffix();
    String parameters = which + (which.isEmpty() || suffix.isEmpty() ? "" : ",") + suffix;
    return parameters.isEmpty() ? "pwcca" : "pwcca:" + parameters;
  }

  @Override
  public MeasureProperties properties() {
    return MeasureProperties.similarity(
            "The mean canonical correlation, weighted by what the variates say of the %s layer."
                .formatted(side == Cca.Side.X ? "first" : "second"))
        .range(Range.UNIT)
        .asymmetric()
        .noticesOnly(NOTICES)
        .source("Morcos et al. 2018")
        .cost("preparation O(n p min(n, p)), comparison O(n p q + min(p, q)² max(p, q))")
        .build();
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements Canonical.OfAllDirections, HasInterval<CentredLayer> {

    private final RankTolerance ranks = new RankTolerance(tolerance);

    @Override
    public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
      return HeldOutBracket.of(
          layer -> CentredRows.of(layer.info(), layer.matrix()),
          CanonicalDirections.weighted(CanonicalDirections.all(), this::weights),
          new CanonicalDirections.Bracket());
    }

    /** Row sums of |U'S|, where U are directions and S the covariance. */
    private double[] weights(CanonicalDirections directions, Dense x, Dense y) {
      Dense rows = side == Cca.Side.X ? x : y;
      Dense ofSide = side == Cca.Side.X ? directions.ofX() : directions.ofY();
      Dense variates = Products.product(rows, ofSide);
      Dense loadings = Products.transposeTimes(variates, rows);
      double[] weights = new double[loadings.rows()];
      for (int k = 0; k < loadings.values().length; k++) {
        weights[k / loadings.columns()] += Math.abs(loadings.values()[k]);
      }
      return weights;
    }

    @Override
    public RankTolerance ranks() {
      return ranks;
    }

    @Override
    public Score score(LinearPair pair, Dense product) {
      Svd svd = Decompositions.svd(product);
      double[] weights =
          side == Cca.Side.X
              ? weights(svd.u(), pair.a().axes(ranks).coordinates())
              : weights(svd.v(), pair.b().axes(ranks).coordinates());
      double[] correlations = Canonical.clipped(svd.values());
      double sum = 0;
      double weighted = 0;
      for (int i = 0; i < correlations.length; i++) {
        sum += weights[i];
        weighted += weights[i] * correlations[i];
      }
      return Score.of(
          weighted / sum,
          properties(),
          Canonical.diagnostics(pair.samples(), product.rows(), product.columns()));
    }

    /** Row sums of |U'Q'Xc|. */
    private static double[] weights(Dense u, Dense coordinates) {
      Dense loadings = Products.transposeTimes(u, coordinates);
      double[] weights = new double[loadings.rows()];
      for (int i = 0; i < weights.length; i++) {
        for (int j = 0; j < loadings.columns(); j++) {
          weights[i] += Math.abs(loadings.get(i, j));
        }
      }
      return weights;
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      return Canonical.cautions(a.info(), b.info(), score, true);
    }
  }
}
