package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;

/**
 * The mean over samples of the Jaccard index |A ∩ B| / |A ∪ B| of their k nearest neighbours in two
 * layers.
 *
 * <p>It lies within [0, 1], has no unit and is symmetric: 1 if every sample has the same neighbours
 * in both layers. Unrelated layers have about s/(2 − s) with s = k/(n − 1); where that is much, the
 * score warns. It does not notice rotations, reflections and scaling, nor translations if
 * neighbours are nearest by euclidean distance.
 *
 * <p>A sample is not its own neighbour, though repetitions of it are; of equally near ones the
 * first in order counts, and the score tells of how many samples that decided the neighbours.
 * Refused are n ≤ k samples and, by cosine, a sample of zeros alone. Cost: 2n²p for each layer
 * once, n k² for a pair.
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
 */
public record JaccardNeighbours(int k, RowMetric metric) implements DelegatingMeasure {

  public JaccardNeighbours {
    NeighbourComputation.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static JaccardNeighbours withDefaults() {
    return new JaccardNeighbours(NeighbourComputation.DEFAULT_K, RowMetric.COSINE);
  }

  /**
   * With another number of neighbours. Few tell of the finest structure and scatter more; the value
   * is comparable for equal k and n alone.
   *
   * @param count at least 1
   * @throws org.palimpsest.core.PalimpsestException if it is less
   */
  public JaccardNeighbours withNeighbours(int count) {
    return new JaccardNeighbours(count, metric);
  }

  /** With neighbours that are nearest by another metric. */
  public JaccardNeighbours withMetric(RowMetric other) {
    return new JaccardNeighbours(k, other);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("jaccard", k, metric);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Share of the %d nearest neighbours (%s) in either layer that are neighbours in both.",
        k, metric, Range.UNIT, "Klabunde et al. 2024, ReSi; Schumacher et al. 2021");
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula extends SharedNeighbours {

    Formula() {
      super(k, metric, properties());
    }

    @Override
    double ofSample(Neighbours a, Neighbours b, int sample) {
      int common = NeighbourComputation.common(a, b, sample);
      return (double) common / (2 * k - common);
    }

    @Override
    double ofShare(double share) {
      return share / (2 - share);
    }
  }
}
