package org.palimpsest.similarity.cca;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Range;
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

/**
 * SVCCA: the mean canonical correlation of the leading principal components of two layers, n × p
 * and n × q.
 *
 * <p>Each layer is replaced by the fewest principal components that a {@link Truncation} keeps; the
 * value is the mean of the singular values of Qx'Qy, where Qx and Qy are orthonormal bases of these
 * components. It lies within [0, 1], has no unit and is symmetric. It does not notice rotations,
 * reflections, translations and scaling of the features; other linear maps change which components
 * are kept.
 *
 * <p>The score tells how many components were kept, and warns where so many of so few samples
 * correlate by chance. A layer whose features never vary is refused. Cost: O(n p min(n, p)) for
 * each layer once, O(n k l + min(k, l)² max(k, l)) for a pair with k and l components. It can be
 * computed from co-moments.
 *
 * @param truncation how many components are kept; 99 % of the variance is usual
 * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
 */
public record Svcca(Truncation truncation) implements DelegatingMeasure {

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

  /** How many principal components SVCCA keeps of a layer. */
  public sealed interface Truncation {

    /** How it is written after {@code svcca:}. */
    String parameter();

    /**
     * How many to keep.
     *
     * @param squares the layer's squared singular values, descending
     * @return at least 1; may be more than there are, which then means all
     */
    int keep(double[] squares);

    /** The fewest whose squared singular values reach a fraction of their sum: the variance. */
    static Truncation ofVariance(double fraction) {
      return new OfVariance(fraction);
    }

    /** The fewest whose singular values reach a fraction of their sum. */
    static Truncation ofSingularValues(double fraction) {
      return new OfSingularValues(fraction);
    }

    /** A number of them, or all if there are fewer. */
    static Truncation ofCount(int components) {
      return new OfCount(components);
    }

    private static void requireFraction(double fraction) {
      if (!(fraction > 0 && fraction <= 1)) {
        throw new PalimpsestException(
            "%s is no fraction of the variance; choose one above 0 and up to 1."
                .formatted(fraction));
      }
    }

    /** See {@link #ofVariance}. */
    record OfVariance(double fraction) implements Truncation {

      /**
       * @throws PalimpsestException if the fraction is not above 0 and at most 1
       */
      public OfVariance {
        requireFraction(fraction);
      }

      @Override
      public String parameter() {
        return String.valueOf(fraction);
      }

      @Override
      public int keep(double[] squares) {
        return fewestReaching(fraction, squares);
      }
    }

    /** See {@link #ofSingularValues}. */
    record OfSingularValues(double fraction) implements Truncation {

      /**
       * @throws PalimpsestException if the fraction is not above 0 and at most 1
       */
      public OfSingularValues {
        requireFraction(fraction);
      }

      @Override
      public String parameter() {
        return "plain=" + fraction;
      }

      @Override
      public int keep(double[] squares) {
        return fewestReaching(fraction, Arrays.stream(squares).map(Math::sqrt).toArray());
      }
    }

    /** See {@link #ofCount}. */
    record OfCount(int components) implements Truncation {

      /**
       * @throws PalimpsestException if it is less than one
       */
      public OfCount {
        if (components < 1) {
          throw new PalimpsestException(
              "%s components cannot be kept; keep one or more.".formatted(components));
        }
      }

      @Override
      public String parameter() {
        return "k=" + components;
      }

      @Override
      public int keep(double[] squares) {
        return components;
      }
    }

    private static int fewestReaching(double fraction, double[] weights) {
      double wanted = fraction * Arrays.stream(weights).sum();
      double reached = 0;
      int kept = 0;
      while (kept < weights.length && (kept == 0 || reached < wanted)) {
        reached += weights[kept++];
      }
      return kept;
    }
  }
}
