package org.palimpsest.similarity.neighbours;

import java.util.List;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.DrawnImages;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.FewSamples;

/** A measure of how many nearest neighbours samples have in both layers. */
sealed interface SharedNeighbours extends NeighbourMeasure, HasInterval<Neighbours>
    permits JaccardNeighbours, MutualNeighbours {

  /** How many images an interval needs for each neighbour. */
  int FEWEST_FOR_EACH = 3;

  /** The value where a sample shares this part of its neighbours. */
  double ofShare(double share);

  @Override
  default boolean needsStrangers() {
    return true;
  }

  @Override
  default IntervalEstimator<Neighbours, ?> intervalEstimator() {
    return DrawnImages.of(
        (a, b) -> compare(a, b).value(), Neighbours::alongMean, (long) FEWEST_FOR_EACH * k());
  }

  @Override
  default List<String> cautions(Neighbours a, Neighbours b, Score score) {
    double others = Math.max(1.0, a.samples() - 1);
    boolean told = k() >= a.samples() - 1;
    return told
        ? List.of()
        : FewSamples.of(a.info(), b.info()).neighbours(k(), ofShare(k() / others));
  }
}
