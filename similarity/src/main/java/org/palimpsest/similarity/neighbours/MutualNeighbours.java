package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;

/** See {@link NearestNeighbours#mutual(int, Metric)}. */
record MutualNeighbours(int k, NearestNeighbours.Metric metric) implements DelegatingMeasure {

  MutualNeighbours {
    NeighbourComputation.requireNeighbours(k);
  }

  @Override
  public String name() {
    return NeighbourComputation.nameFrom("mutual_knn", k, metric);
  }

  @Override
  public MeasureProperties properties() {
    return NeighbourComputation.propertiesOf(
        "Share of the %d nearest neighbours (%s) in one layer that are neighbours in the other.",
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
