package org.palimpsest.similarity.neighbours;

import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/** See {@link NearestNeighbours#secondOrderCosine(int)}. */
record SecondOrderCosine(int k) implements DelegatingMeasure {

  SecondOrderCosine {
    NeighbourComputation.requireNeighbours(k);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("second_order_cosine", k, NearestNeighbours.Metric.COSINE);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Agreement of the cosine similarities to the %d nearest neighbours (%s) in either layer.",
        k,
        NearestNeighbours.Metric.COSINE,
        new Range(-1, 1),
        "Hamilton et al. 2016, Cultural shift or linguistic drift?");
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula extends NeighbourComputation {

    Formula() {
      super(k, NearestNeighbours.Metric.COSINE, properties());
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
