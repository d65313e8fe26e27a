package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.measure.Interval;

/** Refusals for want of images. */
final class TooFew {

  private TooFew() {}

  static Interval units(double value, long units, long fewest) {
    return new Interval.Refused(
        value,
        units,
        "With %d images no interval can be given; show %d or more.".formatted(units, fewest));
  }

  /** For layers of so many components. */
  static Interval unitsFor(double value, long units, long fewest, CentredRows a, CentredRows b) {
    return new Interval.Refused(
        value,
        units,
        "With %d images and %d and %d components no interval holds the true value; show %d images or more, or compare fewer features."
            .formatted(units, a.rank(), b.rank(), fewest));
  }
}
