package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Range;

/** See {@link NearestNeighbours#jaccard(int, Metric)}. */
record JaccardNeighbours(int k, NearestNeighbours.Metric metric) implements DelegatingMeasure {

  JaccardNeighbours {
    NeighbourComputation.requireNeighbours(k);
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
