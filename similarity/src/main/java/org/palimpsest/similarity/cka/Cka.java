package org.palimpsest.similarity.cka;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;

/**
 * Centred kernel alignment, with linear and Gaussian kernels, and distance correlation, which is
 * the root of that of distances.
 *
 * <pre>{@code
 * Score score = Cka.linear().compare(Representation.of(x), Representation.of(y)); // rows are samples
 * }</pre>
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Cka {

  private Cka() {}

  /**
   * Linear CKA, biased: |Xc'Yc|² / (|Xc'Xc| |Yc'Yc|) in Frobenius norms, where Xc (n × p) and Yc (n
   * × q) are two layers less the means of their features.
   *
   * <p>It is the cosine of the angle between the centred Gram matrices of the samples: 1 if one
   * layer is the other turned, reflected or scaled, 0 if no feature of one correlates with any of
   * the other's. It lies within [0, 1], has no unit, is symmetric, and does not notice rotations,
   * reflections and scaling of the features. With few samples and many features it is large for
   * unrelated layers too, about {@code 1 / sqrt((1 + n/p)(1 + n/q))} for random ones; such values
   * carry a warning. See {@link #debiased}.
   *
   * <p>A layer whose features never vary is refused. Products of float32 layers are computed in
   * float32, and again in float64 where the layers are nearly equal. Cost: O(n p min(n, p)) for
   * each layer once, O(n p q) or O(n² (p + q)) for a pair, whichever is less. It can be computed
   * from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, section 3</a>
   */
  public static Measure<Prepared> linear() {
    return new LinearCka();
  }

  /**
   * Linear CKA by the unbiased estimator of HSIC: HSIC(X, Y) / √(HSIC(X, X) HSIC(Y, Y)), where X is
   * n × p, Y is n × q, and HSIC is estimated from the centred Gram matrices without their
   * diagonals.
   *
   * <p>For unrelated layers it is about zero, with either sign, whatever n, p and q; it lies within
   * [−1, 1] and is not cut at 0. It has no unit, is symmetric, and does not notice rotations,
   * reflections and scaling of the features.
   *
   * <p>Where positions are the samples, those of one image are not independent, and images are what
   * the estimator is unbiased over: no product of two rows of one image counts. That takes four
   * images, and about twice the time of {@code linear_cka}.
   *
   * <p>Refused are fewer than four samples (or images), and a layer in which debiasing leaves no
   * similarity between different samples. Cost: O(n p min(n, p)) for each layer once, O(n p q) for
   * a pair. It can be computed from co-moments where each sample is an image.
   *
   * @see <a href="https://jmlr.org/papers/v13/song12a.html">Song et al. 2012, equation 5</a>
   * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 3</a>
   * @see <a href="https://arxiv.org/abs/2405.01012">Murphy et al. 2024</a>
   */
  public static Measure<Prepared> debiased() {
    return new DebiasedLinearCka();
  }

  /**
   * Minibatch CKA: the mean over batches of the unbiased HSIC, over the root of both mean self
   * terms.
   *
   * <p>Batches are successive rows. The last one may be shorter; each counts by its number of
   * samples, and one of fewer than four joins the batch before it. The value depends on the order
   * of samples, as far as that decides which of them meet in a batch.
   *
   * <p>It is what one gets who trains or shows a network batch by batch and never holds all
   * samples; with all samples at hand {@link #debiased} uses each pair of them and scatters less.
   * With one batch of all samples the two are the same. It lies about 0 for unrelated layers, may
   * be negative, and is not cut. Fewer than four samples are refused. Cost: O(n B p) for each layer
   * once and O(n B) for a pair, for batches of B.
   *
   * <pre>{@code
   * Score score = Cka.minibatch(64).compare(before, after);
   * }</pre>
   *
   * @param batchSize samples per batch, four or more
   * @throws org.palimpsest.core.PalimpsestException if they are fewer
   * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 2</a>
   */
  public static Measure<Prepared> minibatch(int batchSize) {
    return new MinibatchCka(batchSize);
  }

  /** Minibatch CKA of batches of 256 samples, see {@link #minibatch(int)}. */
  public static Measure<Prepared> minibatch() {
    return MinibatchCka.withDefaults();
  }

  /**
   * Centred kernel alignment with the Gaussian kernel exp(−d² / (2 F² m)): tr(KHLH) / (|HKH|
   * |HLH|), the biased estimator.
   *
   * <p>Source: Kornblith et al. 2019, section 3. Here m is the median of all n² squared distances,
   * the zero ones of samples to themselves included. Features are centred and products are float32
   * where the representation is float32.
   *
   * @param fraction F, the bandwidth as a fraction of the median distance; positive
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public static Measure<Prepared> rbf(double fraction) {
    return new RbfCka(fraction);
  }

  /** RBF CKA of half the median distance, see {@link #rbf(double)}. */
  public static Measure<Prepared> rbf() {
    return RbfCka.withDefaults();
  }

  /**
   * Distance correlation: √(dCov² / √(dVar² dVar²)) of double-centred euclidean distances between
   * the n samples of either layer, as a V-statistic.
   *
   * <p>It lies within [0, 1], has no unit and is symmetric. With ever more samples it is 0 if and
   * only if the layers are independent, so that it sees relations that no linear measure sees. Like
   * every V-statistic it is above zero for unrelated samples, the more so the fewer they are and
   * the more features there are; such values carry a warning. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>Fewer than three samples, and layers whose samples are all equally far from each other, are
   * refused. Distances are computed in float64. Cost: n²p for each layer once, n² for a pair; 4n²
   * bytes are kept for each layer.
   *
   * <p>The square is CKA with the double-centred distances as kernels, so that it may be read
   * beside {@code rbf_cka}; unlike that it has no bandwidth to choose.
   *
   * @see <a href="https://doi.org/10.1214/009053607000000505">Székely, Rizzo and Bakirov 2007,
   *     definitions 3 and 4</a>
   */
  public static Measure<Prepared> distanceCorrelation() {
    return new DistanceCorrelation();
  }
}
