package org.palimpsest.similarity.regression;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
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
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * How well one layer predicts another, and how far predictions from either can differ.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Regression {

  private Regression() {}

  /**
   * The share of one layer's variance that a linear regression on the other explains, R²: |Qy'Xc|²
   * / |Xc|² for X (n × p) from Y (n × q), where Qy is an orthonormal basis of what the centred
   * features of Y span.
   *
   * <p>It lies within [0, 1] and has no unit. It is not symmetric: the two targets are two
   * measures. Invertible linear maps of the predictor change nothing; of the target, rotations,
   * reflections, translations and scaling change nothing.
   *
   * <p>An unrelated predictor of rank r explains about r/(n − 1) by chance, all of it with no more
   * samples than features; such values carry a warning. The value is not adjusted for that. A layer
   * whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once, O(n p q) for
   * a pair. It can be computed from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, table 1</a>
   */
  public static Measure<Prepared> xFromY() {
    return new LinearRegression(LinearRegression.Target.X_FROM_Y, OptionalDouble.empty());
  }

  /**
   * {@link #xFromY()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> xFromY(double tolerance) {
    return new LinearRegression(LinearRegression.Target.X_FROM_Y, OptionalDouble.of(tolerance));
  }

  /** The share of the second layer's variance that the first explains, see {@link #xFromY()}. */
  public static Measure<Prepared> yFromX() {
    return new LinearRegression(LinearRegression.Target.Y_FROM_X, OptionalDouble.empty());
  }

  /**
   * {@link #yFromX()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> yFromX(double tolerance) {
    return new LinearRegression(LinearRegression.Target.Y_FROM_X, OptionalDouble.of(tolerance));
  }

  /**
   * The squared GULP distance: how far ridge regressions on two layers, n × p and n × q, can differ
   * over all targets.
   *
   * <p>Both layers are centred and given the norm √n. In terms of the eigenvalues l and m of their
   * covariances and of M = Ux'Uy it is the sum of (l/(l + L))², plus that of (m/(m + L))², minus
   * twice that of l_i/(l_i + L) M_ij² m_j/(m_j + L). It is 0 for equal layers, has no upper bound
   * but the number of dimensions, no unit, and is symmetric. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>Small ridges make it a distance of what the features span, large ones of their leading
   * components. Fits by chance count here too, and carry a warning. A layer whose features never
   * vary is refused, as is a ridge that is not positive. Cost: O(n p min(n, p)) for each layer
   * once, O(n p q) for a pair. It can be computed from co-moments.
   *
   * @param ridge L, the regularisation, above 0
   * @throws org.palimpsest.core.PalimpsestException if it is not
   * @see <a href="https://arxiv.org/abs/2210.06545">Boix-Adserà et al. 2022, definition 1</a>
   */
  public static Measure<Prepared> gulp(double ridge) {
    return new Gulp(ridge);
  }

  /** GULP with a ridge of 0.01, see {@link #gulp(double)}. */
  public static Measure<Prepared> gulp() {
    return Gulp.withDefaults();
  }

  private record LinearRegression(Target target, OptionalDouble tolerance)
      implements DelegatingMeasure {

    private static final Set<Transformation> NOTICES =
        EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

    /**
     * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
     */
    LinearRegression {
      RankTolerance.check(tolerance);
    }

    /** For either target, ranks by the default tolerance. */
    static LinearRegression of(Target target) {
      return new LinearRegression(target, OptionalDouble.empty());
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
    enum Target {
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

  private record Gulp(double ridge) implements DelegatingMeasure {

    private static final double USUAL_RIDGE = 0.01;

    private static final Set<Transformation> NOTICES =
        EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance("How far ridge regressions on either layer can differ.")
            .range(Range.NON_NEGATIVE)
            .noticesOnly(NOTICES)
            .source("Boix-Adsera et al. 2022")
            .cost("preparation O(n p min(n, p)), comparison O(n p q)")
            .build();

    Gulp {
      if (!(ridge > 0 && Double.isFinite(ridge))) {
        throw new PalimpsestException(
            "GULP's ridge is %s; choose a number above 0.".formatted(ridge));
      }
    }

    /** With a ridge of 0.01. */
    static Gulp withDefaults() {
      return new Gulp(USUAL_RIDGE);
    }

    @Override
    public String name() {
      return equals(withDefaults()) ? "gulp" : "gulp:" + ridge;
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula implements LinearComputation, HasInterval<CentredLayer> {

      @Override
      public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
        return MomentJackknife.of(
            layer -> CentredRows.ofComponents(layer, RankTolerance.automatic()), new Ridged(ridge));
      }

      @Override
      public Score compare(LinearPair pair) {
        Axes ofA = pair.a().axes(RankTolerance.automatic());
        Axes ofB = pair.b().axes(RankTolerance.automatic());
        double[] shrunkA = shrunk(ofA);
        double[] shrunkB = shrunk(ofB);
        double shared = pair.product(ofA, ofB).squaredNorm(shrunkA, shrunkB);
        double value = squares(shrunkA) + squares(shrunkB) - 2 * shared;
        return Score.of(
            Math.max(0, value),
            PROPERTIES,
            Diagnostics.of(pair.samples()).withRanks(ofA.rank(), ofB.rank()));
      }

      /** The sums that it is the difference of are less than the smaller rank. */
      @Override
      public boolean isNearEqual(LinearPair pair, Score score) {
        Diagnostics ranks = score.diagnostics();
        return score.value() < NEAR_ONE * Math.min(ranks.rankA(), ranks.rankB());
      }

      /** l / (l + L) for each eigenvalue of the covariance, whose sum is one. */
      private double[] shrunk(Axes axes) {
        double[] squares = Arrays.stream(axes.singularValues()).map(s -> s * s).toArray();
        double sum = Arrays.stream(squares).sum();
        return Arrays.stream(squares).map(square -> square / (square + ridge * sum)).toArray();
      }

      private static double squares(double[] values) {
        return Arrays.stream(values).map(value -> value * value).sum();
      }

      @Override
      public List<String> cautions(LinearSide a, LinearSide b, Score score) {
        int rank = Math.max(score.diagnostics().rankA(), score.diagnostics().rankB());
        return FewSamples.of(a.info(), b.info()).predictions(rank);
      }
    }

    private record Ridged(double ridge) implements MomentJackknife.Statistic {

      private static final ImagesNeeded NEEDED = new ImagesNeeded(10, 5);

      @Override
      public double value(SecondMoments moments) {
        Cholesky ofA = withRidge(moments.aa());
        Cholesky ofB = withRidge(moments.bb());
        Dense between = ofB.solved(ofA.solved(moments.ab()).transpose());
        return shrunk(ofA, moments.aa()) + shrunk(ofB, moments.bb()) - 2 * between.squaredNorm();
      }

      private Cholesky withRidge(Dense moments) {
        double trace = SecondMoments.trace(moments);
        Dense more = new Dense(moments.rows(), moments.columns(), moments.values().clone());
        for (int i = 0; i < moments.rows(); i++) {
          more.values()[i * moments.columns() + i] += ridge * trace;
        }
        return Cholesky.of(more);
      }

      /** The sum of (l/(l + L))². */
      private static double shrunk(Cholesky ridged, Dense moments) {
        return ridged.solved(ridged.solved(moments).transpose()).squaredNorm();
      }

      @Override
      public Range range() {
        return Range.NON_NEGATIVE;
      }

      @Override
      public OptionalDouble unrelated() {
        return OptionalDouble.empty();
      }

      @Override
      public long fewestImages(boolean ofPositions, int rankA, int rankB) {
        return NEEDED.of(Math.max(rankA, rankB), ofPositions);
      }
    }
  }
}
