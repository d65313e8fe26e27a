package org.palimpsest.similarity.cca;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.cca.Canonical.CcaMean;
import org.palimpsest.similarity.cca.Canonical.Svcca;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * Canonical correlations of two layers, and what is made of them.
 *
 * <pre>{@code
 * Comparison.by(Cca.svcca(), Cca.mean()).compare(before, after);
 * }</pre>
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Cca {

  private Cca() {}

  /**
   * The mean of the min(rank X, rank Y) canonical correlations ρ of two layers.
   *
   * <p>The ρ are the singular values of Qx'Qy, where Qx and Qy are orthonormal bases of what the
   * centred features of the layers (n × p and n × q) span. The mean lies within [0, 1], has no
   * unit, is symmetric, and does not notice any invertible linear map of the features.
   *
   * <p>Ranks decide the value: with n samples, rank X + rank Y − (n − 1) of the correlations are 1
   * for any two layers, and with no more samples than features all of them are. The score tells the
   * ranks, and warns where chance gives much. Show more probes, or compare leading components alone
   * ({@link #svcca(Truncation)}).
   *
   * <p>A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once,
   * O(n p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, table 1</a>
   */
  public static Measure<Prepared> mean() {
    return new CcaMean(false, OptionalDouble.empty());
  }

  /**
   * {@link #mean()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> mean(double tolerance) {
    return new CcaMean(false, OptionalDouble.of(tolerance));
  }

  /**
   * The mean of the squared canonical correlations, |Qx'Qy|² over the smaller rank, see {@link
   * #mean()}.
   */
  public static Measure<Prepared> meanSquared() {
    return new CcaMean(true, OptionalDouble.empty());
  }

  /**
   * {@link #meanSquared()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> meanSquared(double tolerance) {
    return new CcaMean(true, OptionalDouble.of(tolerance));
  }

  /**
   * SVCCA: the mean canonical correlation of the leading principal components of two layers, n × p
   * and n × q.
   *
   * <p>Each layer is replaced by the fewest principal components that a {@link Truncation} keeps;
   * the value is the mean of the singular values of Qx'Qy, where Qx and Qy are orthonormal bases of
   * these components. It lies within [0, 1], has no unit and is symmetric. It does not notice
   * rotations, reflections, translations and scaling of the features; other linear maps change
   * which components are kept.
   *
   * <p>The score tells how many components were kept, and warns where so many of so few samples
   * correlate by chance. A layer whose features never vary is refused. Cost: O(n p min(n, p)) for
   * each layer once, O(n k l + min(k, l)² max(k, l)) for a pair with k and l components. It can be
   * computed from co-moments.
   *
   * @param truncation how many components are kept; 99 % of the variance is usual
   * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
   */
  public static Measure<Prepared> svcca(Truncation truncation) {
    return new Svcca(truncation);
  }

  /** SVCCA of the components that hold 99 % of the variance, see {@link #svcca(Truncation)}. */
  public static Measure<Prepared> svcca() {
    return Svcca.withDefaults();
  }

  /**
   * PWCCA: the canonical correlations ρ of two layers weighted by how much of one of them their
   * variates account for, Σ aᵢ ρᵢ / Σ aᵢ.
   *
   * <p>The weight aᵢ is the sum over that layer's centred features xⱼ of |hᵢ · xⱼ|, where hᵢ is its
   * i-th canonical variate, of norm one over the samples. The value lies within [0, 1] and has no
   * unit. It is not symmetric, and notices rotations of the weighing layer, since the weights are
   * sums of absolute values over its features; scaling and translations it does not notice. Where
   * canonical correlations are equal, as of features that both layers share, the variates and thus
   * the weights are not determined: the score then warns of the range in which the value lies.
   *
   * <p>As for {@link #mean()}, no more samples than features make it 1 for any two layers; the
   * score warns. A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each
   * layer once, O(n p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @param side the layer that weighs
   * @see <a href="https://arxiv.org/abs/1806.05759">Morcos et al. 2018, equations 5 and 6</a>
   */
  public static Measure<Prepared> pwcca(Side side) {
    return new Pwcca(side, OptionalDouble.empty());
  }

  /** PWCCA weighted by the first layer, as in the paper, see {@link #pwcca(Side)}. */
  public static Measure<Prepared> pwcca() {
    return new Pwcca(Side.X, OptionalDouble.empty());
  }

  /**
   * {@link #pwcca(Side)} with a tolerance of its own.
   *
   * @param side the layer that weighs
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  public static Measure<Prepared> pwcca(Side side, double tolerance) {
    return new Pwcca(side, OptionalDouble.of(tolerance));
  }

  /**
   * The eigenspace overlap score: |Ux'Uy|² / max(p, q), where Ux and Uy are orthonormal bases of
   * what the features of the layers (n × p and n × q) span, uncentred.
   *
   * <p>It lies within [0, 1], has no unit, is symmetric, and does not notice invertible linear maps
   * of the features. Means count, since nothing is centred. A layer of dead or copied units stays
   * below 1 even when compared with itself, since the denominator counts all features.
   *
   * <p>With no more samples than features it is the same for any two layers; the score warns. A
   * layer of zeros alone is refused. Cost: O(n p min(n, p)) for each layer once, O(n p q) for a
   * pair.
   *
   * @see <a href="https://arxiv.org/abs/1909.01264">May et al. 2019, definition 1</a>
   */
  public static Measure<Prepared> eigenspaceOverlap() {
    return new EigenspaceOverlap(OptionalDouble.empty());
  }

  /**
   * {@link #eigenspaceOverlap()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> eigenspaceOverlap(double tolerance) {
    return new EigenspaceOverlap(OptionalDouble.of(tolerance));
  }

  /** One of the two layers. */
  public enum Side {
    /** The first. */
    X,
    /** The second. */
    Y
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

  private record EigenspaceOverlap(OptionalDouble tolerance) implements DelegatingMeasure {

    private static final Set<Transformation> NOTICES =
        EnumSet.of(TRANSLATION, ZERO_PADDING, SAMPLE_REORDERING_IN_ONE);

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.similarity(
                "How much of the span of one layer's raw features lies in that of the other's.")
            .range(Range.UNIT)
            .noticesOnly(NOTICES)
            .source("May et al. 2019")
            .cost("preparation O(n p min(n, p)), comparison O(n p q)")
            .build();

    /**
     * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
     */
    EigenspaceOverlap {
      RankTolerance.check(tolerance);
    }

    @Override
    public String name() {
      String suffix = new RankTolerance(tolerance).suffix();
      return "eigenspace_overlap" + (suffix.isEmpty() ? "" : ":" + suffix);
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula implements Computation<CentredLayer> {

      private final RankTolerance ranks = new RankTolerance(tolerance);

      @Override
      public Preparation<CentredLayer> preparation() {
        return Centring.none();
      }

      @Override
      public Score compare(CentredLayer a, CentredLayer b) {
        LinearPair pair = new LayerPair(a, b);
        Score score = compare(pair);
        return score.value() > 1 - LinearComputation.NEAR_ONE
            ? pair.inFloat64().map(this::compare).orElse(score)
            : score;
      }

      private Score compare(LinearPair pair) {
        Axes ofA = pair.a().axes(ranks);
        Axes ofB = pair.b().axes(ranks);
        double shared = pair.product(ofA, ofB).squaredNorm();
        long samples = pair.samples();
        double wider = Math.max(pair.a().info().features(), pair.b().info().features());
        return Score.of(
            Math.min(1, shared / wider),
            PROPERTIES,
            Canonical.diagnostics(samples, samples, ofA.rank(), ofB.rank()));
      }
    }
  }
}
