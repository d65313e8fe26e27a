package org.palimpsest.similarity.cka;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/**
 * The Hilbert-Schmidt independence criterion of linear kernels, up to factors that cancel in CKA.
 */
final class Hsic {

  /** Below this fraction of its largest term a self term is nothing but rounding. */
  private static final double ROUNDING = 1e-12;

  /** The unbiased estimator divides by n - 3. */
  static final int FEWEST_SAMPLES = 4;

  private Hsic() {}

  /**
   * The unbiased estimator times n (n - 3), from centred Gram matrices K and L: with the diagonals
   * zeroed, tr KL, the sums and the products of row sums all follow from |Xc'Yc|² and the
   * diagonals, as every row of K sums to zero.
   *
   * @param cross |Xc'Yc|², which is tr KL with the diagonals
   * @param n the number of samples
   * @param products the sum over both diagonals' products
   * @param productOfSums the product of both diagonals' sums
   * @see <a href="https://jmlr.org/papers/v13/song12a.html">Song et al. 2012, equation 5</a>
   */
  static double unbiased(double cross, double n, double products, double productOfSums) {
    return cross - products + productOfSums / (n - 1) / (n - 2) - 2 / (n - 2) * products;
  }

  static void requireEnough(Representation.Info info) {
    if (info.samples() < FEWEST_SAMPLES) {
      throw new PalimpsestException(
          "Layer '%s' has %s samples; the unbiased estimator needs %s or more. Show more probes, or use linear_cka."
              .formatted(info.layer(), info.samples(), FEWEST_SAMPLES));
    }
  }

  /** A self term that can be divided by. */
  static double requirePositive(double self, double scale, Representation.Info info) {
    if (!(self > ROUNDING * scale)) {
      throw new PalimpsestException(
          "Layer '%s' (%s samples × %s features) has no similarity between different samples left after debiasing. Show more probes, or use linear_cka."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return self;
  }
}
