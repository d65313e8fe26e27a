package org.palimpsest.similarity.neighbours;

import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/**
 * The mean over samples of the cosine between the vectors of a sample's cosine similarities, in two
 * layers, to the union of its k nearest neighbours in either.
 *
 * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice rotations, reflections
 * and scaling. Features are not centred: with large means all similarities are near 1 and so is the
 * value. What unrelated layers have is estimated by shifting one layer's samples against the
 * other's; where that is much, the score warns.
 *
 * <p>A sample at right angles to all of its neighbours in both layers counts as 1, in one layer
 * only as 0. Refused are n ≤ k samples, and a sample of zeros alone. Cost: 2n²p for each layer
 * once, n k² for a pair.
 *
 * @param k the number of neighbours, fewer than the samples
 * @see <a href="https://aclanthology.org/D16-1229/">Hamilton, Leskovec and Jurafsky 2016</a>
 * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
 */
public record SecondOrderCosine(int k) implements DelegatingMeasure {

  public SecondOrderCosine {
    NeighbourComputation.requireNeighbours(k);
  }

  /** Ten neighbours by cosine. */
  public static SecondOrderCosine withDefaults() {
    return new SecondOrderCosine(NeighbourComputation.DEFAULT_K);
  }

  /** With another number of neighbours, at least 1. */
  public SecondOrderCosine withNeighbours(int count) {
    return new SecondOrderCosine(count);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("second_order_cosine", k, RowMetric.COSINE);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Agreement of the cosine similarities to the %d nearest neighbours (%s) in either layer.",
        k,
        RowMetric.COSINE,
        new Range(-1, 1),
        "Hamilton et al. 2016, Cultural shift or linguistic drift?");
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula extends NeighbourComputation {

    Formula() {
      super(k, RowMetric.COSINE, properties());
    }

    @Override
    public List<String> cautions(Neighbours a, Neighbours b, Score score) {
      return FewSamples.of(a.info(), b.info())
          .otherOrders(shifted(a, b), score.value(), "Take debiased_linear_cka");
    }

    @Override
    double ofSample(Neighbours a, Neighbours b, int sample) {
      double product = 0;
      double squaresOfA = 0;
      double squaresOfB = 0;
      for (int neighbour : union(a.of(sample), b.of(sample))) {
        double inA = a.product(sample, neighbour);
        double inB = b.product(sample, neighbour);
        product += inA * inB;
        squaresOfA += inA * inA;
        squaresOfB += inB * inB;
      }
      if (squaresOfA == 0 || squaresOfB == 0) {
        return squaresOfA == squaresOfB ? 1 : 0;
      }
      return Math.max(-1, Math.min(1, product / Math.sqrt(squaresOfA * squaresOfB)));
    }

    private static int[] union(int[] some, int[] others) {
      return IntStream.concat(IntStream.of(some), IntStream.of(others)).distinct().toArray();
    }
  }
}
