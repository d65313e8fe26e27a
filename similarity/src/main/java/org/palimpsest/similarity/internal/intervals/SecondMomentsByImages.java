package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * The co-moments of two layers, X'X, Y'Y and X'Y of centred rows, and what they are without one
 * image, about the means of the other rows.
 */
final class SecondMomentsByImages {

  private final CentredRows a;
  private final CentredRows b;
  private final SecondMoments whole;

  SecondMomentsByImages(CentredRows a, CentredRows b) {
    this.a = a;
    this.b = b;
    this.whole =
        new SecondMoments(
            Products.transposeTimes(a.rows(), a.rows()),
            Products.transposeTimes(b.rows(), b.rows()),
            Products.transposeTimes(a.rows(), b.rows()),
            a.rows().rows());
  }

  SecondMoments whole() {
    return whole;
  }

  SecondMoments without(int image) {
    int left = a.rows().rows() - a.info().rowsPerProbe();
    Dense ofA = taken(a, image, left);
    Dense ofB = taken(b, image, left);
    return new SecondMoments(
        less(whole.aa(), ofA, ofA), less(whole.bb(), ofB, ofB), less(whole.ab(), ofA, ofB), left);
  }

  /** The image's rows and their sum, divided by the root of the number of other rows. */
  private static Dense taken(CentredRows side, int image, int left) {
    Dense own = side.of(new int[] {image});
    int width = own.columns();
    Dense taken = Dense.zeros(own.rows() + 1, width);
    System.arraycopy(own.values(), 0, taken.values(), 0, own.values().length);
    for (int k = 0; k < own.values().length; k++) {
      taken.values()[own.values().length + k % width] += own.values()[k] / Math.sqrt(left);
    }
    return taken;
  }

  /** M − U'W. */
  private static Dense less(Dense moments, Dense u, Dense w) {
    Dense rest = new Dense(moments.rows(), moments.columns(), moments.values().clone());
    for (int r = 0; r < u.rows(); r++) {
      for (int i = 0; i < u.columns(); i++) {
        double ofRow = u.get(r, i);
        int at = i * w.columns();
        for (int j = 0; j < w.columns(); j++) {
          rest.values()[at + j] -= ofRow * w.get(r, j);
        }
      }
    }
    return rest;
  }
}
