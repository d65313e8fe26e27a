package org.palimpsest.similarity.cca;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
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
      Dense loadings =
          side == Cca.Side.X
              ? Products.transposeTimes(svd.u(), pair.a().axes(ranks).coordinates())
              : Products.transposeTimes(svd.v(), pair.b().axes(ranks).coordinates());
      WeightedMean mean = WeightedMean.of(Canonical.clipped(svd.values()), loadings);
      Diagnostics known = Canonical.diagnostics(pair.samples(), product.rows(), product.columns());
      return Score.of(
          mean.value(), properties(), mean.doubt().map(known::withWarning).orElse(known));
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      Diagnostics known = score.diagnostics();
      Diagnostics ofRanks = Canonical.diagnostics(known.samples(), known.rankA(), known.rankB());
      return Canonical.cautions(
          a.info(), b.info(), Score.of(score.value(), properties(), ofRanks), true);
    }
  }

  /**
   * The mean, and between what it lies for other choices of the variates. Where correlations are
   * equal, any rotation of their variates are variates as well; for each feature these weights come
   * to between one and √m times what the m of them have of it together.
   */
  private record WeightedMean(List<Group> groups, double value) {

    /** Differences that rounding may make. */
    private static final double EQUAL = 1e-7;

    private static final double TOLD = 1e-6;
    private static final int STEPS = 50;

    /** Correlations that are equal. */
    private record Group(double correlation, int count, double weight, double least, double most) {}

    /**
     * @param correlations descending
     * @param loadings of the features on the variates, a row for each
     */
    static WeightedMean of(double[] correlations, Dense loadings) {
      List<Group> groups = new ArrayList<>();
      for (int from = 0; from < correlations.length; ) {
        int to = from + 1;
        while (to < correlations.length && correlations[to - 1] - correlations[to] <= EQUAL) {
          to++;
        }
        groups.add(group(correlations, from, to, loadings));
        from = to;
      }
      return new WeightedMean(groups, mean(groups, Group::weight));
    }

    private static Group group(double[] correlations, int from, int to, Dense loadings) {
      double weight = 0;
      double together = 0;
      for (int j = 0; j < loadings.columns(); j++) {
        double squares = 0;
        for (int i = from; i < to; i++) {
          weight += Math.abs(loadings.get(i, j));
          squares += loadings.get(i, j) * loadings.get(i, j);
        }
        together += Math.sqrt(squares);
      }
      double correlation = Arrays.stream(correlations, from, to).average().orElseThrow();
      return to - from == 1
          ? new Group(correlation, 1, weight, weight, weight)
          : new Group(correlation, to - from, weight, together, together * Math.sqrt(to - from));
    }

    private static double mean(List<Group> groups, ToDoubleFunction<Group> weight) {
      double sum = 0;
      double weighted = 0;
      for (Group group : groups) {
        sum += weight.applyAsDouble(group);
        weighted += weight.applyAsDouble(group) * group.correlation();
      }
      return weighted / sum;
    }

    /** A warning, if the data leave open what it is. */
    Optional<String> doubt() {
      double least = end(false);
      double most = end(true);
      if (most - least <= TOLD) {
        return Optional.empty();
      }
      int equal = groups.stream().mapToInt(group -> group.count() > 1 ? group.count() : 0).sum();
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%d of the %d canonical correlations are equal to others, so that nothing tells which variates have them, and the weights hang on that: with others the value may be anything from %.3f to %.3f. cca_mean and svcca do not hang on it.",
              equal,
              groups.stream().mapToInt(Group::count).sum(),
              least,
              most));
    }

    /** A weight that raises the mean is one of a correlation above it. */
    private double end(boolean highest) {
      double end = value;
      for (int step = 0; step < STEPS; step++) {
        double before = end;
        end =
            mean(
                groups,
                group -> group.correlation() > before == highest ? group.most() : group.least());
      }
      return end;
    }
  }
}
