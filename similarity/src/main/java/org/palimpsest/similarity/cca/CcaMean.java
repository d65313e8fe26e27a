package org.palimpsest.similarity.cca;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Range;
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

/**
 * The mean of the min(rank X, rank Y) canonical correlations ρ of two layers, or of their squares.
 *
 * <p>The ρ are the singular values of Qx'Qy, where Qx and Qy are orthonormal bases of what the
 * centred features of the layers (n × p and n × q) span. The mean lies within [0, 1], has no unit,
 * is symmetric, and does not notice any invertible linear map of the features. The mean of squares
 * is |Qx'Qy|² over the smaller rank.
 *
 * <p>Ranks decide the value: with n samples, rank X + rank Y − (n − 1) of the correlations are 1
 * for any two layers, and with no more samples than features all of them are. The score tells the
 * ranks, and warns where chance gives much. Show more probes, or compare leading components alone
 * ({@link Svcca}).
 *
 * <p>A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once, O(n
 * p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
 *
 * @param squared whether of their squares
 * @param tolerance the fraction of a layer's largest singular value below which others count as
 *     zero, from 0 to 1; empty for that of its shape and type
 * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
 * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, table 1</a>
 */
public record CcaMean(boolean squared, OptionalDouble tolerance) implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.SAMPLE_REORDERING_IN_ONE);

  /**
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  public CcaMean {
    RankTolerance.check(tolerance);
  }

  /** The mean of the correlations, ranks by the default tolerance. */
  public static CcaMean ofCorrelations() {
    return new CcaMean(false, OptionalDouble.empty());
  }

  /** The mean of the squared correlations, ranks by the default tolerance. */
  public static CcaMean ofSquaredCorrelations() {
    return new CcaMean(true, OptionalDouble.empty());
  }

  /**
   * With a tolerance of its own: singular values below this fraction of the largest count as zero.
   *
   * @param fraction from 0 to 1
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public CcaMean withTolerance(double fraction) {
    return new CcaMean(squared, OptionalDouble.of(fraction));
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
