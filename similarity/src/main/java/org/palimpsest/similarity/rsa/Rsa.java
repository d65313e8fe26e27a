package org.palimpsest.similarity.rsa;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.InnerProducts;
import org.palimpsest.similarity.internal.pairwise.PairVector;

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
        return new Rdm.Making(Distance.EUCLIDEAN);
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

  record RdmComparison(Distance distance, Comparison comparison) implements DelegatingMeasure {

    /** One minus correlation, compared by ranks, as in Kriegeskorte 2008. */
    static RdmComparison withDefaults() {
      return new RdmComparison(Distance.CORRELATION, Comparison.SPEARMAN);
    }

    @Override
    public String name() {
      return equals(withDefaults()) ? "rsa" : "rsa:" + distance.label() + ":" + comparison.label();
    }

    @Override
    public MeasureProperties properties() {
      Set<Transformation> notices = distance.notices();
      notices.add(Transformation.SAMPLE_REORDERING_IN_ONE);
      return MeasureProperties.similarity(
              "Distances between samples (%s) in one layer against those in the other (%s)."
                  .formatted(distance.label(), comparison.label()))
          .range(comparison.range())
          .noticesOnly(notices)
          .source("Kriegeskorte et al. 2008, Representational similarity analysis")
          .cost(
              comparison == Comparison.KENDALL || comparison == Comparison.SPEARMAN
                  ? "prepare n²p + n² log n, compare n² (Kendall n² log n); n²/2 distances and ranks kept"
                  : "prepare n²p, compare n²; n²/2 numbers kept")
          .build();
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula implements Computation<Rdm>, HasInterval<Rdm> {

      @Override
      public Preparation<Rdm> preparation() {
        return new Rdm.Making(distance);
      }

      @Override
      public IntervalEstimator<Rdm, ?> intervalEstimator() {
        if (distance == Distance.MAHALANOBIS) {
          return IntervalEstimator.refusing(
              "No interval of whitened distances has been shown to hold the true value. Compare"
                  + " euclidean distances, or correlations.");
        }
        return switch (comparison) {
          case PEARSON ->
              distance == Distance.SQUARED_EUCLIDEAN
                  ? RdmJackknife.ofSquares()
                  : RdmJackknife.ofDistances();
          case SPEARMAN -> RdmJackknife.ofRanks();
          case COSINE, KENDALL ->
              IntervalEstimator.refusing(
                  "No interval of distances compared by %s has been shown to hold the true value. Compare them by spearman or pearson."
                      .formatted(comparison.label()));
        };
      }

      @Override
      public Score compare(Rdm a, Rdm b) {
        a.info().requireSameSamples(b.info());
        return score(
            comparison == Comparison.KENDALL ? tauA(a, b) : InnerProducts.of(vector(a), vector(b)),
            a);
      }

      @Override
      public List<List<Score>> compareAll(LayerTable<Rdm> layers) {
        List<Rdm> rows = layers.rows();
        List<Rdm> columns = layers.columns();
        rows.forEach(
            row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
        double[][] values =
            comparison == Comparison.KENDALL
                ? allTauA(rows, columns)
                : InnerProducts.of(
                    rows.stream().map(this::vector).toList(),
                    columns.stream().map(this::vector).toList());
        List<List<Score>> scores = new ArrayList<>();
        for (double[] row : values) {
          List<Score> ofRow = new ArrayList<>();
          for (double value : row) {
            ofRow.add(score(value, rows.get(0)));
          }
          scores.add(ofRow);
        }
        return scores;
      }

      /** Distances are positive, so that their cosine is large whatever they are of. */
      @Override
      public List<String> cautions(Rdm a, Rdm b, Score score) {
        return comparison == Comparison.COSINE
            ? FewSamples.of(a.info(), b.info())
                .otherOrders(
                    a.meanOverNorm() * b.meanOverNorm(),
                    score.value(),
                    "Compare the distances by pearson or spearman")
            : List.of();
      }

      private static double[][] allTauA(List<Rdm> rows, List<Rdm> columns) {
        double[][] values = new double[rows.size()][columns.size()];
        IntStream.range(0, rows.size() * columns.size())
            .parallel()
            .forEach(
                pair -> {
                  int i = pair / columns.size();
                  int j = pair % columns.size();
                  values[i][j] = tauA(rows.get(i), columns.get(j));
                });
        return values;
      }

      private static double tauA(Rdm a, Rdm b) {
        return a.rankedDistances().kendallTau(b.rankedDistances());
      }

      private PairVector vector(Rdm rdm) {
        return switch (comparison) {
          case SPEARMAN -> rdm.centredRanks();
          case PEARSON -> rdm.centred();
          case COSINE, KENDALL -> rdm.normalised();
        };
      }

      private Score score(double value, Rdm of) {
        double low = comparison.range().low();
        double inRange = Math.max(low, Math.min(1, value));
        return Score.of(inRange, properties(), Diagnostics.of(of.info().samples()));
      }
    }
  }
}
