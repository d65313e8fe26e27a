package org.palimpsest.similarity.neighbours;

import java.util.List;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.DrawnImages;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/** A function of how many of their nearest neighbours samples have in both layers. */
abstract class SharedNeighbours extends NeighbourComputation implements HasInterval<Neighbours> {

  /** How many images an interval needs for each neighbour. */
  private static final int FEWEST_FOR_EACH = 3;

  SharedNeighbours(int k, NearestNeighbours.Metric metric, MeasureProperties properties) {
    super(k, metric, properties);
  }

  /** The value where a sample shares this part of its neighbours. */
  abstract double ofShare(double share);

  @Override
  boolean needsStrangers() {
    return true;
  }

  @Override
  public IntervalEstimator<Neighbours, ?> intervalEstimator() {
    return DrawnImages.of(
        (a, b) -> compare(a, b).value(), Neighbours::alongMean, (long) FEWEST_FOR_EACH * k());
  }

  @Override
  public List<String> cautions(Neighbours a, Neighbours b, Score score) {
    double others = Math.max(1.0, a.samples() - 1);
    boolean told = k() >= a.samples() - 1;
    return told
        ? List.of()
        : FewSamples.of(a.info(), b.info()).neighbours(k(), ofShare(k() / others), score.value());
  }
}
