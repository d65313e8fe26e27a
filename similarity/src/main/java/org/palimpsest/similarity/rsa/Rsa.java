package org.palimpsest.similarity.rsa;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.EnumSet;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * Representational similarity analysis: the distances between all pairs of samples in one layer
 * against those in another.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Rsa {

  private Rsa() {}

  /**
   * Representational similarity analysis: the distances between all pairs of samples in one layer
   * against those in another.
   *
   * <p>Source: Kriegeskorte, Mur and Bandettini 2008; Kendall's tau-a as recommended by Nili et al.
   * 2014. Measures of the same distance share its matrix.
   *
   * @param distance between two samples of one layer
   * @param comparison of the two vectors of n (n − 1) / 2 distances
   */
  public static Measure<Prepared> of(Distance distance, Comparison comparison) {
    return new RdmComparison(distance, comparison);
  }

  /**
   * RSA of this distance, compared by ranks (Spearman), see {@link #of(Distance, Comparison)}.
   *
   * @param distance between two samples of one layer
   */
  public static Measure<Prepared> of(Distance distance) {
    return new RdmComparison(distance, Comparison.SPEARMAN);
  }

  /**
   * One minus correlation, compared by ranks, as in Kriegeskorte 2008; see {@link #of(Distance,
   * Comparison)}.
   */
  public static Measure<Prepared> withDefaults() {
    return RdmComparison.withDefaults();
  }

  /**
   * The euclidean norm of the difference between the euclidean distances of all pairs of samples in
   * two layers, each pair counted once: √(Σ_{i&lt;j} (d_ij − d'_ij)²).
   *
   * <p>It is 0 for layers whose samples have the same distances, has no upper bound, grows with the
   * number of samples, and is in the units of the layers, so that scaling one of them changes it.
   * It is symmetric and does not notice rotations, reflections and translations. Compare it only at
   * the same n and in the same units.
   *
   * <p>Fewer than three samples are refused. Distances are computed in float64. Cost: n²p for each
   * layer once, n² for a pair; 4n² bytes are kept for each layer, shared with {@link #of(Distance,
   * Comparison)} by euclidean distances.
   *
   * <p>Where only the order or the proportions of distances matter, {@link #of(Distance,
   * Comparison)} is the measure to take.
   *
   * @see "Shahbazi et al. 2021, Using distance on the Riemannian manifold to compare
   *     representations"
   */
  public static Measure<Prepared> normDifference() {
    return new RsmNormDifference();
  }

  /** A distance between two samples of one representation. */
  public enum Distance {
    /** One minus the Pearson correlation of the two rows. */
    CORRELATION(
        "correlation",
        EnumSet.of(
            Transformation.ROTATION,
            Transformation.TRANSLATION,
            Transformation.INVERTIBLE_LINEAR_MAP,
            Transformation.ZERO_PADDING)),
    /** The euclidean distance. */
    EUCLIDEAN("euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP)),
    /** The squared euclidean distance. */
    SQUARED_EUCLIDEAN("squared_euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP)),
    /** One minus the cosine of the angle between the two rows. */
    COSINE("cosine", EnumSet.of(Transformation.TRANSLATION, Transformation.INVERTIBLE_LINEAR_MAP)),
    /**
     * The euclidean distance after whitening: √((x − y)' S⁺ (x − y)), S the covariance of the
     * features and S⁺ its pseudo-inverse of numerical rank.
     */
    MAHALANOBIS("mahalanobis", EnumSet.noneOf(Transformation.class));
    ;

    private final String label;
    private final Set<Transformation> notices;

    Distance(String label, Set<Transformation> notices) {
      this.label = label;
      this.notices = notices;
    }

    /** Its name on the command line. */
    public String label() {
      return label;
    }

    /** What changes the distances other than by a common factor or the order of samples. */
    Set<Transformation> notices() {
      return EnumSet.copyOf(notices);
    }
  }

  /** How two vectors of distances are compared. */
  public enum Comparison {
    /** Pearson correlation of average ranks. */
    SPEARMAN("spearman", new Range(-1, 1)),
    /** Pearson correlation. */
    PEARSON("pearson", new Range(-1, 1)),
    /**
     * Kendall's tau-a: concordant minus discordant pairs, over all pairs; ties count as neither, so
     * that it stays below 1 where there are any.
     */
    KENDALL("kendall", new Range(-1, 1)),
    /** Cosine of the angle between them. */
    COSINE("cosine", Range.UNIT);

    private final String label;
    private final Range range;

    Comparison(String label, Range range) {
      this.label = label;
      this.range = range;
    }

    /** Its name on the command line. */
    public String label() {
      return label;
    }

    Range range() {
      return range;
    }
  }

  private record RsmNormDifference() implements DelegatingMeasure {

    private static final Set<Transformation> NOTICES =
        Set.of(ISOTROPIC_SCALING, INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance(
                "Norm of the difference between the euclidean distances of all pairs of samples.")
            .range(Range.NON_NEGATIVE)
            .noticesOnly(NOTICES)
            .source(
                "Shahbazi et al. 2021, Using distance on the Riemannian manifold to compare representations")
            .cost("prepare n²p, compare n²; n²/2 numbers kept")
            .build();

    @Override
    public String name() {
      return "rsm_norm_difference";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula implements Computation<Rdm> {

      @Override
      public Preparation<Rdm> preparation() {
        return new RdmPreparation(Rsa.Distance.EUCLIDEAN);
      }

      @Override
      public Score compare(Rdm a, Rdm b) {
        a.info().requireSameSamples(b.info());
        double largest = 0;
        for (int k = 0; k < a.pairs(); k++) {
          largest = Math.max(largest, Math.abs(a.distance(k) - b.distance(k)));
        }
        return Score.of(
            largest * relativeNorm(a, b, largest), PROPERTIES, Diagnostics.of(a.info().samples()));
      }

      private static double relativeNorm(Rdm a, Rdm b, double largest) {
        if (largest == 0) {
          return 0;
        }
        double sum = 0;
        for (int k = 0; k < a.pairs(); k++) {
          double difference = (a.distance(k) - b.distance(k)) / largest;
          sum += difference * difference;
        }
        return Math.sqrt(sum);
      }
    }
  }
}
