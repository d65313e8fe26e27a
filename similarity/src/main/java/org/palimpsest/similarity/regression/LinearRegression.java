package org.palimpsest.similarity.regression;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.MomentJackknife;
import org.palimpsest.similarity.internal.intervals.SecondMoments;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cholesky;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.RankTolerance;

/**
 * The share of one layer's variance that a linear regression on the other explains, R²: |Qy'Xc|² /
 * |Xc|² for X (n × p) from Y (n × q), where Qy is an orthonormal basis of what the centred features
 * of Y span.
 *
 * <p>It lies within [0, 1] and has no unit. It is not symmetric: the two targets are two measures.
 * Invertible linear maps of the predictor change nothing; of the target, rotations, reflections,
 * translations and scaling change nothing.
 *
 * <p>An unrelated predictor of rank r explains about r/(n − 1) by chance, all of it with no more
 * samples than features; such values carry a warning. The value is not adjusted for that. A layer
 * whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once, O(n p q) for a
 * pair. It can be computed from co-moments.
 *
 * @param target the layer that is explained
 * @param tolerance the fraction of a layer's largest singular value below which others count as
 *     zero, from 0 to 1; empty for that of its shape and type
 * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, table 1</a>
 */
public record LinearRegression(Target target, OptionalDouble tolerance)
    implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

  /**
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  public LinearRegression {
    RankTolerance.check(tolerance);
  }

  /** For either target, ranks by the default tolerance. */
  public static LinearRegression of(Target target) {
    return new LinearRegression(target, OptionalDouble.empty());
  }

  /**
   * With a tolerance of its own: singular values below this fraction of the largest count as zero.
   *
   * @param fraction from 0 to 1
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public LinearRegression withTolerance(double fraction) {
    return new LinearRegression(target, OptionalDouble.of(fraction));
  }

  @Override
  public String name() {
    String suffix = new RankTolerance(tolerance).suffix();
    return target.label + (suffix.isEmpty() ? "" : ":" + suffix);
  }

  @Override
  public MeasureProperties properties() {
    return MeasureProperties.similarity(
            target == Target.X_FROM_Y
                ? "The share of the first layer's variance that the second explains linearly."
                : "The share of the second layer's variance that the first explains linearly.")
        .range(Range.UNIT)
        .asymmetric()
        .noticesOnly(NOTICES)
        .source("Kornblith et al. 2019")
        .cost("preparation O(n p min(n, p)), comparison O(n p q)")
        .build();
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements LinearComputation, HasInterval<CentredLayer> {

    private final RankTolerance ranks = new RankTolerance(tolerance);

    @Override
    public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
      return MomentJackknife.of(
          layer -> CentredRows.ofComponents(layer, ranks), new Explained(target));
    }

    @Override
    public Score compare(LinearPair pair) {
      boolean first = target == Target.X_FROM_Y;
      Axes predictors = (first ? pair.b() : pair.a()).axes(ranks);
      double explained =
          first ? pair.squaredProjectionOfA(predictors) : pair.squaredProjectionOfB(predictors);
      double whole = (first ? pair.a() : pair.b()).squaredNorm();
      return Score.of(
          Math.min(1, explained / whole),
          properties(),
          diagnostics(pair.samples(), predictors.rank()));
    }

    private Diagnostics diagnostics(long samples, int rank) {
      Diagnostics plain = Diagnostics.of(samples);
      return rank >= samples - 1
          ? plain.withWarning(
              "%s samples are explained wholly by any layer of %s components. Show more probes, or compare fewer features."
                  .formatted(samples, rank))
          : plain;
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      LinearSide predictors = target == Target.X_FROM_Y ? b : a;
      boolean told = !score.diagnostics().warnings().isEmpty();
      return told
          ? List.of()
          : FewSamples.of(a.info(), b.info())
              .shares(predictors.axes(ranks).rank(), false, score.value());
    }
  }

  /** The layer that is explained. */
  public enum Target {
    /** The first, from the second. */
    X_FROM_Y("linear_regression_x_from_y"),
    /** The second, from the first. */
    Y_FROM_X("linear_regression_y_from_x");

    private final String label;

    Target(String label) {
      this.label = label;
    }
  }

  /** R², adjusted for the rank of the predictor. */
  private record Explained(Target target) implements MomentJackknife.Statistic {

    private static final ImagesNeeded NEEDED = new ImagesNeeded(3, 3.2);

    /** Unequal images do not mislead it, but where one has nearly all. */
    private static final double LEAST_SHARE = 0.05;

    @Override
    public double value(SecondMoments moments) {
      boolean first = target == Target.X_FROM_Y;
      Dense predictors = first ? moments.bb() : moments.aa();
      Dense between = first ? moments.ab().transpose() : moments.ab();
      double whole = SecondMoments.trace(first ? moments.aa() : moments.bb());
      return Cholesky.of(predictors).solved(between).squaredNorm() / whole;
    }

    @Override
    public double adjusted(double value, double rows, int rankA, int rankB) {
      return 1 - (1 - value) * (rows - 1) / (rows - 1 - predictors(rankA, rankB));
    }

    private int predictors(int rankA, int rankB) {
      return target == Target.X_FROM_Y ? rankB : rankA;
    }

    @Override
    public double leastEffective(long units, long fewest) {
      return LEAST_SHARE * units;
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
      return NEEDED.of(predictors(rankA, rankB), ofPositions);
    }
  }
}
