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
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.MomentJackknife;
import org.palimpsest.similarity.internal.intervals.SecondMoments;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cholesky;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cca#mean()}. */
record CcaMean(boolean squared, OptionalDouble tolerance) implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.SAMPLE_REORDERING_IN_ONE);

  /**
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  CcaMean {
    RankTolerance.check(tolerance);
  }

  @Override
  public String name() {
    String suffix = new RankTolerance(tolerance).suffix();
    return (squared ? "cca_mean_squared" : "cca_mean") + (suffix.isEmpty() ? "" : ":" + suffix);
  }

  @Override
  public MeasureProperties properties() {
    return MeasureProperties.similarity(
            "The mean of the %scanonical correlations.".formatted(squared ? "squared " : ""))
        .range(Range.UNIT)
        .noticesOnly(NOTICES)
        .source("Raghu et al. 2017; Kornblith et al. 2019")
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
      return squared
          ? MomentJackknife.of(this::components, new MeanSquare())
          : HeldOutBracket.of(
              this::components,
              CanonicalDirections.equallyWeighted(CanonicalDirections.all()),
              new CanonicalDirections.Bracket());
    }

    private CentredRows components(CentredLayer layer) {
      return CentredRows.ofComponents(layer, ranks);
    }

    @Override
    public RankTolerance ranks() {
      return ranks;
    }

    @Override
    public Score score(LinearPair pair, Dense product) {
      int fewer = Math.min(product.rows(), product.columns());
      double value =
          squared
              ? Math.min(1, product.squaredNorm() / fewer)
              : Canonical.mean(Canonical.correlations(product));
      return Score.of(
          value,
          properties(),
          Canonical.diagnostics(pair.samples(), product.rows(), product.columns()));
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      return Canonical.cautions(a.info(), b.info(), score, !squared);
    }
  }

  /** |Qx'Qy|² over the smaller rank p, adjusted for the larger one, q. */
  private record MeanSquare() implements MomentJackknife.Statistic {

    private static final ImagesNeeded NEEDED = new ImagesNeeded(5, 3.2);

    @Override
    public double value(SecondMoments moments) {
      int fewer = Math.min(Cholesky.of(moments.aa()).rank(), Cholesky.of(moments.bb()).rank());
      return moments.whitened().squaredNorm() / fewer;
    }

    @Override
    public double adjusted(double value, double rows, int rankA, int rankB) {
      double p = Math.min(rankA, rankB);
      double q = Math.max(rankA, rankB);
      return (q - (q - p * value) * (rows - 1) / (rows - 1 - p)) / p;
    }

    @Override
    public Range range() {
      return Range.UNIT;
    }

    @Override
    public OptionalDouble unrelated() {
      return OptionalDouble.of(0);
    }

    @Override
    public long fewestImages(boolean ofPositions, int rankA, int rankB) {
      return NEEDED.of(Math.max(rankA, rankB), ofPositions);
    }
  }
}
