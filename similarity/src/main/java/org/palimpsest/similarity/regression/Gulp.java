package org.palimpsest.similarity.regression;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
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

/** See {@link Regression#gulp(double)}. */
record Gulp(double ridge) implements DelegatingMeasure {

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
