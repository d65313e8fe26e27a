package org.palimpsest.similarity.neighbours;

import java.util.List;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/**
 * Mean over samples of Σ 2 / ((1 + |r − r'|)(r + r')) over the neighbours that both layers share, r
 * and r' their ranks, divided by the harmonic number of their count; 0 for a sample with none.
 *
 * <p>Source: Wang et al. 2022.
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 */
public record RankSimilarity(int k, RowMetric metric) implements NeighbourMeasure {

  public RankSimilarity {
    NeighbourMeasure.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static RankSimilarity withDefaults() {
    return new RankSimilarity(DEFAULT_K, RowMetric.COSINE);
  }

  public RankSimilarity withNeighbours(int count) {
    return new RankSimilarity(count, metric);
  }

  public RankSimilarity withMetric(RowMetric other) {
    return new RankSimilarity(k, other);
  }

  @Override
  public String name() {
    return nameFrom("rank_similarity");
  }

  @Override
  public MeasureProperties properties() {
    return propertiesOf(
        "Agreement in the order of the shared ones of the %d nearest neighbours (%s).",
        "Wang et al. 2022, Towards understanding the instability of network embedding");
  }

  @Override
  public boolean needsStrangers() {
    return false;
  }

  @Override
  public List<String> cautions(Neighbours a, Neighbours b, Score score) {
    return FewSamples.of(a.info(), b.info())
        .otherOrders(shifted(a, b), score.value(), "Take mutual_knn");
  }

  @Override
  public double ofSample(Neighbours a, Neighbours b, int sample) {
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
