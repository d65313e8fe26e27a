package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.MeasureProperties;

/**
 * Mean Jaccard index |A ∩ B| / |A ∪ B| of each sample's k nearest neighbours in the two layers.
 *
 * <p>Source: Schumacher et al. 2021; Klabunde et al. 2024 (ReSi).
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 */
public record JaccardNeighbours(int k, RowMetric metric) implements SharedNeighbours {

  public JaccardNeighbours {
    NeighbourMeasure.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static JaccardNeighbours withDefaults() {
    return new JaccardNeighbours(DEFAULT_K, RowMetric.COSINE);
  }

  public JaccardNeighbours withNeighbours(int count) {
    return new JaccardNeighbours(count, metric);
  }

  public JaccardNeighbours withMetric(RowMetric other) {
    return new JaccardNeighbours(k, other);
  }

  @Override
  public String name() {
    return nameFrom("jaccard");
  }

  @Override
  public MeasureProperties properties() {
    return propertiesOf(
        "Share of the %d nearest neighbours (%s) in either layer that are neighbours in both.",
        "Klabunde et al. 2024, ReSi; Schumacher et al. 2021");
  }

  @Override
  public double ofSample(Neighbours a, Neighbours b, int sample) {
    int common = NeighbourMeasure.common(a, b, sample);
    return (double) common / (2 * k - common);
  }

  @Override
  public double ofShare(double share) {
    return share / (2 - share);
  }
}
