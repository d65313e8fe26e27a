package org.palimpsest.similarity.rsa;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.LayerTable;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.linalg.FewSamples;
import org.palimpsest.similarity.pairwise.InnerProducts;
import org.palimpsest.similarity.pairwise.PairVector;
import org.palimpsest.similarity.uncertainty.HasInterval;
import org.palimpsest.similarity.uncertainty.IntervalEstimator;

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
public record Rsa(RowDistance distance, RdmComparison comparison)
    implements Measure<Rdm>, HasInterval<Rdm> {

  /** One minus correlation, compared by ranks, as in Kriegeskorte 2008. */
  public static Rsa withDefaults() {
    return new Rsa(RowDistance.CORRELATION, RdmComparison.SPEARMAN);
  }

  public Rsa withDistance(RowDistance other) {
    return new Rsa(other, comparison);
  }

  public Rsa withComparison(RdmComparison other) {
    return new Rsa(distance, other);
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
            comparison == RdmComparison.KENDALL || comparison == RdmComparison.SPEARMAN
                ? "prepare n²p + n² log n, compare n² (Kendall n² log n); n²/2 distances and ranks kept"
                : "prepare n²p, compare n²; n²/2 numbers kept")
        .build();
  }

  @Override
  public Preparation<Rdm> preparation() {
    return new RdmPreparation(distance);
  }

  @Override
  public IntervalEstimator<Rdm, ?> intervalEstimator() {
    if (distance == RowDistance.MAHALANOBIS) {
      return IntervalEstimator.refusing(
          "No interval of whitened distances has been shown to hold the true value. Compare"
              + " euclidean distances, or correlations.");
    }
    return switch (comparison) {
      case PEARSON, SPEARMAN -> new RdmJackknife(this::vector);
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
        comparison == RdmComparison.KENDALL ? tauA(a, b) : InnerProducts.of(vector(a), vector(b)),
        a);
  }

  @Override
  public List<List<Score>> compareAll(LayerTable<Rdm> layers) {
    List<Rdm> rows = layers.rows();
    List<Rdm> columns = layers.columns();
    rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
    double[][] values =
        comparison == RdmComparison.KENDALL
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
    return comparison == RdmComparison.COSINE
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
    return KendallTau.tauA(a.rankedDistances(), b.rankedDistances());
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
