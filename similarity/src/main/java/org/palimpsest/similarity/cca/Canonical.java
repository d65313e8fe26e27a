package org.palimpsest.similarity.cca;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.MomentJackknife;
import org.palimpsest.similarity.internal.intervals.SecondMoments;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cholesky;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** The plain means of canonical correlations, and what the weighted one shares with them. */
final class Canonical {

  private Canonical() {}

  /** The canonical correlations, descending, rounding errors beyond 1 cut off. */
  static double[] correlations(Dense product) {
    return clipped(Decompositions.singularValues(product));
  }

  static double[] clipped(double[] singularValues) {
    return Arrays.stream(singularValues).map(value -> Math.min(1, value)).toArray();
  }

  static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Ranks, and a warning where they leave the data nothing to say. */
  static Diagnostics diagnostics(long samples, int rankA, int rankB) {
    return diagnostics(samples, samples - 1, rankA, rankB);
  }

  /**
   * @param samples their number, n
   * @param free the dimensions of sample space that are left: n - 1 after centring
   */
  static Diagnostics diagnostics(long samples, long free, int rankA, int rankB) {
    Diagnostics plain = Diagnostics.of(samples).withRanks(rankA, rankB);
    if (Math.max(rankA, rankB) >= free) {
      return plain.withWarning(
          "With %s samples and %s and %s components the value is the same for any two layers. Show more probes, or compare fewer components (svcca)."
              .formatted(samples, rankA, rankB));
    }
    if (rankA + rankB > free) {
      return plain.withWarning(
          "With %s samples and %s and %s components, %s of the %s canonical correlations are 1 for any two layers. Show more probes, or compare fewer components (svcca)."
              .formatted(samples, rankA, rankB, rankA + rankB - free, Math.min(rankA, rankB)));
    }
    return plain;
  }

  /**
   * What chance gives where {@link #diagnostics} does not say already that it gives all.
   *
   * @param root whether the value is a mean of correlations, not of their squares
   */
  static List<String> cautions(
      Representation.Info a, Representation.Info b, Score score, boolean root) {
    Diagnostics known = score.diagnostics();
    return known.warnings().isEmpty()
        ? FewSamples.of(a, b).shares(Math.max(known.rankA(), known.rankB()), root, score.value())
        : List.of();
  }

  /** Correlations of all directions of both layers. */
  interface OfAllDirections extends DecomposingComputation {

    /** Which directions of a layer count. */
    RankTolerance ranks();

    @Override
    default void makeReady(LinearSide layer) {
      layer.axes(ranks());
    }

    @Override
    default Dense product(LinearPair pair) {
      return pair.product(pair.a().axes(ranks()), pair.b().axes(ranks()));
    }
  }

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
     * The components themselves vary with the images, which the influences of images on
     * correlations along them do not tell: the standard error is that of the jackknife.
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
}
