package org.palimpsest.similarity.neighbours;

import java.util.List;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/** See {@link NearestNeighbours#rankSimilarity(int, Metric)}. */
record RankSimilarity(int k, NearestNeighbours.Metric metric) implements DelegatingMeasure {

  RankSimilarity {
    NeighbourComputation.requireNeighbours(k);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("rank_similarity", k, metric);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Agreement in the order of the shared ones of the %d nearest neighbours (%s).",
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
