package org.palimpsest.similarity.rsa;

import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;

/**
 * The distances of a layer. All correlations without an image follow from sums over its pairs.
 *
 * @param values of all pairs of samples
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record DistancesByImages(
    Representation.Info info, ImagePairs pairs, double[] values, double[] sums, double[] squares)
    implements PairsByImages<DistancesByImages> {

  static DistancesByImages of(Rdm rdm) {
    PairVector vector = rdm.centred();
    double[] values =
        PairStorage.doubles(vector.length(), rdm.info(), "for intervals a value for each pair");
    vector.read(0, values.length, values);
    ImagePairs pairs = ImagePairs.of(rdm.info());
    double[] sums = new double[pairs.images()];
    pairs.forEach(
        (pair, image, other) -> {
          sums[image] += values[pair];
          sums[other] += values[pair];
        });
    return new DistancesByImages(rdm.info(), pairs, values, sums, products(pairs, values, values));
  }

  private static double[] products(ImagePairs pairs, double[] a, double[] b) {
    double[] sums = new double[pairs.images()];
    pairs.forEach(
        (pair, image, other) -> {
          double product = a[pair] * b[pair];
          sums[image] += product;
          sums[other] += product;
        });
    return sums;
  }

  @Override
  public JackknifeValues jackknife(DistancesByImages other) {
    double[] products = products(pairs, values, other.values);
    double[] without = new double[products.length];
    for (int i = 0; i < without.length; i++) {
      without[i] =
          correlation(
              pairs.countWithoutAnImage(),
              ImagePairs.sum(sums) - sums[i],
              ImagePairs.sum(other.sums) - other.sums[i],
              ImagePairs.sum(squares) - squares[i],
              ImagePairs.sum(other.squares) - other.squares[i],
              ImagePairs.sum(products) - products[i]);
    }
    double whole =
        correlation(
            pairs.count(),
            ImagePairs.sum(sums),
            ImagePairs.sum(other.sums),
            ImagePairs.sum(squares),
            ImagePairs.sum(other.squares),
            ImagePairs.sum(products));
    return new JackknifeValues(whole, without);
  }

  private static double correlation(
      double pairs, double a, double b, double aa, double bb, double ab) {
    double spread = (pairs * aa - a * a) * (pairs * bb - b * b);
    return spread > 0 ? Math.max(-1, Math.min(1, (pairs * ab - a * b) / Math.sqrt(spread))) : 0;
  }
}
