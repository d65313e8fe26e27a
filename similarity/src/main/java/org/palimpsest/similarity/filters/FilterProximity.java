package org.palimpsest.similarity.filters;

import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Range;

/**
 * How near two filters are. None of them sees the filters' lengths, so that a filter that has only
 * grown in training is where it was. Filters w and v are taken as vectors of all their weights.
 *
 * <p>Filters of networks that were trained apart stand in no order: each is compared with all of
 * another network, and the nearest counts, by whichever of these was chosen. With d weights,
 * unrelated filters have cosines about 0 with a spread of about 1/√d, which is why small kernels
 * find near filters by chance. A filter of zeros has no direction.
 */
public enum FilterProximity {
  /** w·v / (|w| |v|), the cosine of the angle between them, −1 to 1. */
  COSINE("cosine", Direction.SIMILARITY, new Range(-1, 1)),
  /**
   * Pearson's correlation of their weights, the cosine after the mean of each is subtracted, −1 to
   * 1.
   */
  CORRELATION("correlation", Direction.SIMILARITY, new Range(-1, 1)),
  /** The euclidean distance |w/|w| − v/|v||, which is √(2 − 2 cos), 0 to 2. */
  NORMALISED_DISTANCE("normalised_distance", Direction.DISTANCE, new Range(0, 2));

  private final String label;
  private final Direction direction;
  private final Range range;

  FilterProximity(String label, Direction direction, Range range) {
    this.label = label;
    this.direction = direction;
    this.range = range;
  }

  /** Its name in tables. */
  public String label() {
    return label;
  }

  /** Whether larger values are nearer. */
  public Direction direction() {
    return direction;
  }

  /** The least and the largest value. */
  public Range range() {
    return range;
  }

  /** 1 if larger values are nearer, −1 if smaller ones are. */
  int sign() {
    return direction == Direction.SIMILARITY ? 1 : -1;
  }
}
