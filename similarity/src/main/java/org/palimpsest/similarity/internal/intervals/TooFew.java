package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.measure.Interval;

/** Refusals for want of images. */
final class TooFew {

  private TooFew() {}

  static Interval units(double value, long units, long fewest) {
    return new Interval.Refused(
        value,
        units,
        "With %s images no interval can be given; show %s or more.".formatted(units, fewest));
  }

  /** For layers of so many components. */
  static Interval unitsFor(double value, long units, long fewest, CentredRows a, CentredRows b) {
    String told =
        "With %s images and %s and %s components no interval holds the true value; show %s images or more, or compare fewer features."
            .formatted(units, a.rank(), b.rank(), fewest);
    return new Interval.Refused(value, units, told + ofMoreImages(fewest, a, b));
  }

  /** Few images cut the number of components, which then grows with them. */
  private static String ofMoreImages(long fewest, CentredRows a, CentredRows b) {
    int most = Math.max(a.mostComponents(), b.mostComponents());
    int now = Math.max(a.rank(), b.rank());
    return most > now
        ? " More images may bring more components: for %s and %s about %s images would do."
            .formatted(
                a.mostComponents(),
                b.mostComponents(),
                (long) Math.ceil((double) fewest * most / now))
        : "";
  }
}
