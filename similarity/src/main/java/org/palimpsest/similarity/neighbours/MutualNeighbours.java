package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.MeasureProperties;

/**
 * Mean share of each sample's k nearest neighbours in one layer that are among those in the other:
 * |A ∩ B| / k.
 *
 * <p>Source: Huh et al. 2024, The Platonic Representation Hypothesis, appendix A.
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 */
public record MutualNeighbours(int k, RowMetric metric) implements SharedNeighbours {

  public MutualNeighbours {
    NeighbourMeasure.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static MutualNeighbours withDefaults() {
    return new MutualNeighbours(DEFAULT_K, RowMetric.COSINE);
  }

  public MutualNeighbours withNeighbours(int count) {
    return new MutualNeighbours(count, metric);
  }

  public MutualNeighbours withMetric(RowMetric other) {
    return new MutualNeighbours(k, other);
  }

  @Override
  public String name() {
    return nameFrom("mutual_knn");
  }

  @Override
  public MeasureProperties properties() {
    return propertiesOf(
        "Share of the %d nearest neighbours (%s) in one layer that are neighbours in the other.",
        "Huh et al. 2024, The Platonic Representation Hypothesis");
  }

  @Override
  public double ofSample(Neighbours a, Neighbours b, int sample) {
    return (double) NeighbourMeasure.common(a, b, sample) / k;
  }

  @Override
  public double ofShare(double share) {
    return share;
  }
}
