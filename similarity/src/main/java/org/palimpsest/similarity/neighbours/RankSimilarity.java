package org.palimpsest.similarity.neighbours;

import java.util.List;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/**
 * How far two layers agree in the order of the nearest neighbours that they share: the mean over
 * samples of Σ 2 / ((1 + |r − r'|)(r + r')) over the shared ones of their k nearest neighbours, r
 * and r' their ranks, divided by the harmonic number of their count; 0 for a sample with none.
 *
 * <p>It lies within [0, 1], has no unit and is symmetric. Near neighbours count more than far ones.
 * What unrelated layers have is estimated by shifting one layer's samples against the other's;
 * where that is much, the score warns. It does not notice rotations, reflections and scaling, nor
 * translations if neighbours are nearest by euclidean distance.
 *
 * <p>Of equally near neighbours the first in order counts, and the score tells of how many samples
 * that decided the neighbours. Refused are n ≤ k samples and, by cosine, a sample of zeros alone.
 * Cost: 2n²p for each layer once, n k² for a pair.
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
 */
public record RankSimilarity(int k, RowMetric metric) implements DelegatingMeasure {

  public RankSimilarity {
    NeighbourComputation.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static RankSimilarity withDefaults() {
    return new RankSimilarity(NeighbourComputation.DEFAULT_K, RowMetric.COSINE);
  }

  /** With another number of neighbours, at least 1. */
  public RankSimilarity withNeighbours(int count) {
    return new RankSimilarity(count, metric);
  }

  /** With neighbours that are nearest by another metric. */
  public RankSimilarity withMetric(RowMetric other) {
    return new RankSimilarity(k, other);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("rank_similarity", k, metric);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Agreement in the order of the shared ones of the %s nearest neighbours (%s).",
        k,
        metric,
        Range.UNIT,
        "Wang et al. 2022, Towards understanding the instability of network embedding");
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula extends NeighbourComputation {

    Formula() {
      super(k, metric, properties());
    }

    @Override
    public List<String> cautions(Neighbours a, Neighbours b, Score score) {
      return FewSamples.of(a.info(), b.info())
          .otherOrders(shifted(a, b), score.value(), "Take mutual_knn");
    }

    @Override
    double ofSample(Neighbours a, Neighbours b, int sample) {
      double sum = 0;
      double harmonic = 0;
      int common = 0;
      int[] list = a.of(sample);
      for (int r = 1; r <= list.length; r++) {
        int other = b.rankOf(list[r - 1], sample);
        if (other > 0) {
          sum += 2.0 / ((1.0 + Math.abs(r - other)) * (r + other));
          harmonic += 1.0 / ++common;
        }
      }
      return common == 0 ? 0 : sum / harmonic;
    }
  }
}
