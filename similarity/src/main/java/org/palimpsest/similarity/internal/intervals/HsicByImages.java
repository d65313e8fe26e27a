package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/**
 * The Hilbert-Schmidt independence criterion as a U-statistic over images, in which no product of
 * two rows of one image occurs, and its values without each image.
 *
 * <p>Of rows a of images i it is U₁ − 2U₂ + U₃: the mean over images i ≠ j of the mean of K·L over
 * their pairs of rows; the mean over distinct i, j, k of meanₐ K(ia, j) L(ia, k), where K(ia, j) is
 * the mean over the rows of j; and the mean over distinct i, j, k, l of K(i, j) L(k, l). With one
 * row an image it is the unbiased estimator of Song et al. 2012.
 *
 * @param whole of all images
 * @param without of all but each
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record HsicByImages(double whole, double[] without) {

  /** Below this fraction of its largest term a self term is nothing but rounding. */
  private static final double ROUNDING = 1e-12;

  private static final double LEAST_SELF_TERM = 1e-300;

  /**
   * What the statistic is made of, each array with an entry for each image.
   *
   * @param products Σⱼ T(i, j), T(i, j) the mean of K·L over the rows of i and j
   * @param own meanₐ k(ia) l(ia), where k(ia) = Σⱼ K(ia, j)
   * @param ofRow Σⱼ meanₐ K(ia, j) L(ia, j)
   * @param ofColumn the same for j as i
   * @param crossed Σᵢ meanₐ [k(ia) L(ia, j) + K(ia, j) l(ia)], for j
   * @param k Σⱼ K(i, j)
   * @param l Σⱼ L(i, j)
   * @param kTimesL Σⱼ K(i, j) l(j)
   * @param lTimesK Σⱼ L(i, j) k(j)
   * @param both Σⱼ K(i, j) L(i, j)
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record Sums(
      double[] products,
      double[] own,
      double[] ofRow,
      double[] ofColumn,
      double[] crossed,
      double[] k,
      double[] l,
      double[] kTimesL,
      double[] lTimesK,
      double[] both) {

    HsicByImages statistic() {
      int n = k.length;
      double t = sum(products);
      double second = sum(own) - sum(ofRow);
      double kl = 0;
      for (int i = 0; i < n; i++) {
        kl += k[i] * l[i];
      }
      double sumOfK = sum(k);
      double sumOfL = sum(l);
      double sumOfBoth = sum(both);
      double[] without = new double[n];
      for (int i = 0; i < n; i++) {
        without[i] =
            of(
                n - 1,
                t - 2 * products[i],
                second - own[i] + ofRow[i] - crossed[i] + 2 * ofColumn[i],
                (sumOfK - 2 * k[i]) * (sumOfL - 2 * l[i]),
                kl - k[i] * l[i] - kTimesL[i] - lTimesK[i] + both[i],
                sumOfBoth - 2 * both[i]);
      }
      return new HsicByImages(of(n, t, second, sumOfK * sumOfL, kl, sumOfBoth), without);
    }

    private static double of(
        double n, double t, double second, double sums, double products, double both) {
      double pairs = n * (n - 1);
      double third = (sums - 4 * products + 2 * both) / (pairs * (n - 2) * (n - 3));
      return t / pairs - 2 * second / (pairs * (n - 2)) + third;
    }
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  /** The ratio of this to the root of the product of both self terms. */
  JackknifeValues over(HsicByImages selfA, HsicByImages selfB) {
    double[] ratios = new double[without.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ratio(without[i], selfA.without[i], selfB.without[i]);
    }
    return new JackknifeValues(ratio(whole, selfA.whole, selfB.whole), ratios);
  }

  private static double ratio(double between, double selfA, double selfB) {
    return between / Math.sqrt(Math.max(LEAST_SELF_TERM, selfA * selfB));
  }

  /** Whether a self term is more than rounding beside the mean product that it was made of. */
  boolean isPositive(double scale) {
    return whole > ROUNDING * scale;
  }

  /**
   * Refuses a self term that without one of the images is nothing but rounding.
   *
   * @param rounding the part of the whole that may be
   * @throws PalimpsestException naming the image
   */
  void requireMoreThanOneImage(Representation.Info info, double rounding) {
    for (int i = 0; i < without.length; i++) {
      if (!(without[i] > rounding * whole)) {
        throw new PalimpsestException(JackknifeValues.nothingWithout("image", i, info));
      }
    }
  }

  static PalimpsestException nothingLeft(Representation.Info info) {
    return new PalimpsestException(
        "Layer '%s' (%s samples × %s features) has no similarity between different images left after debiasing. Show more probes."
            .formatted(info.layer(), info.samples(), info.features()));
  }
}
