package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;

/**
 * The mean share of each sample's k nearest neighbours in one layer that are among those in the
 * other: |A ∩ B| / k.
 *
 * <p>It lies within [0, 1], has no unit and is symmetric. Unrelated layers have about k/(n − 1);
 * where that is much, the score warns. It does not notice rotations, reflections and scaling, nor
 * translations if neighbours are nearest by euclidean distance.
 *
 * <p>A sample is not its own neighbour, though repetitions of it are; of equally near ones the
 * first in order counts, and the score tells of how many samples that decided the neighbours.
 * Refused are n ≤ k samples and, by cosine, a sample of zeros alone. Cost: 2n²p for each layer
 * once, n k² for a pair.
 *
 * @param k the number of neighbours, fewer than the samples
 * @param metric what makes one sample nearer than another
 * @see <a href="https://arxiv.org/abs/2405.07987">Huh et al. 2024, The Platonic Representation
 *     Hypothesis, appendix A</a>
 */
public record MutualNeighbours(int k, RowMetric metric) implements DelegatingMeasure {

  public MutualNeighbours {
    NeighbourComputation.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static MutualNeighbours withDefaults() {
    return new MutualNeighbours(NeighbourComputation.DEFAULT_K, RowMetric.COSINE);
  }

  /**
   * With another number of neighbours. Few tell of the finest structure and scatter more; the value
   * is comparable for equal k and n alone.
   *
   * @param count at least 1
   * @throws org.palimpsest.core.PalimpsestException if it is less
   */
  public MutualNeighbours withNeighbours(int count) {
    return new MutualNeighbours(count, metric);
  }

  /** With neighbours that are nearest by another metric. */
  public MutualNeighbours withMetric(RowMetric other) {
    return new MutualNeighbours(k, other);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("mutual_knn", k, metric);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Share of the %s nearest neighbours (%s) in one layer that are neighbours in the other.",
        k, metric, Range.UNIT, "Huh et al. 2024, The Platonic Representation Hypothesis");
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
      return (double) NeighbourComputation.common(a, b, sample) / k;
    }

    @Override
    double ofShare(double share) {
      return share;
    }
  }
}
