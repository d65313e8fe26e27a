package org.palimpsest.similarity.rsa;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.InnerProducts;
import org.palimpsest.similarity.internal.pairwise.PairVector;

/** See {@link Rsa#of(Distance, Comparison)}. */
record RdmComparison(Rsa.Distance distance, Rsa.Comparison comparison)
    implements DelegatingMeasure {

  /** One minus correlation, compared by ranks, as in Kriegeskorte 2008. */
  static RdmComparison withDefaults() {
    return new RdmComparison(Rsa.Distance.CORRELATION, Rsa.Comparison.SPEARMAN);
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
            comparison == Rsa.Comparison.KENDALL || comparison == Rsa.Comparison.SPEARMAN
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
      return new RdmPreparation(distance);
    }

    @Override
    public IntervalEstimator<Rdm, ?> intervalEstimator() {
      if (distance == Rsa.Distance.MAHALANOBIS) {
        return IntervalEstimator.refusing(
            "No interval of whitened distances has been shown to hold the true value. Compare"
                + " euclidean distances, or correlations.");
      }
      return switch (comparison) {
        case PEARSON ->
            distance == Rsa.Distance.SQUARED_EUCLIDEAN
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
          comparison == Rsa.Comparison.KENDALL
              ? tauA(a, b)
              : InnerProducts.of(vector(a), vector(b)),
          a);
    }

    @Override
    public List<List<Score>> compareAll(LayerTable<Rdm> layers) {
      List<Rdm> rows = layers.rows();
      List<Rdm> columns = layers.columns();
      rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
      double[][] values =
          comparison == Rsa.Comparison.KENDALL
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
      return comparison == Rsa.Comparison.COSINE
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
