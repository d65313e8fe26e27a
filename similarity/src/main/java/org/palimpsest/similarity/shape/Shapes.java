package org.palimpsest.similarity.shape;

import java.util.OptionalDouble;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;

/**
 * What is left between two layers after the best rotation or reflection: Procrustes distances,
 * shape metrics and the aligned cosine.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Shapes {

  private Shapes() {}

  /**
   * The distance that is left between two centred layers, n × p and n × q, after the best rotation
   * or reflection of one of them; the narrower one is padded with zeros.
   *
   * <p>It is √(2 − 2 |A'B|∗), where A and B are the centred layers divided by their norms and |·|∗
   * is the nuclear norm: a symmetric metric from 0 to √2 without a unit, which does not notice
   * rotations, reflections, translations and scaling.
   *
   * <p>Unrelated layers with few samples come near each other by chance; such values carry a
   * warning. A layer whose features never vary is refused. Cost: O(n p) for each layer once, O(n p
   * q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/2108.01661">Ding et al. 2021, section 2</a>
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, section 2</a>
   */
  public static Measure<Prepared> procrustesNormalized() {
    return new Procrustes(Procrustes.Variant.NORMALIZED);
  }

  /**
   * The angle arccos |A'B|∗ between layers of unit norm, in radians from 0 to π/2; otherwise as
   * {@link #procrustesNormalized}.
   */
  public static Measure<Prepared> procrustesAngular() {
    return new Procrustes(Procrustes.Variant.ANGULAR);
  }

  /**
   * The distance √(|Xc|² + |Yc|² − 2 |Xc'Yc|∗) in the units of the layers, so that scaling is
   * noticed; otherwise as {@link #procrustesNormalized}.
   */
  public static Measure<Prepared> procrustesSizeAndShape() {
    return new Procrustes(Procrustes.Variant.SIZE_AND_SHAPE);
  }

  /**
   * The angle between two partially whitened layers after the best rotation: arccos |A'B|∗, where A
   * is Xc (α I + (1 − α) (Xc'Xc)^(−1/2)) of unit norm, B the same of Y, and |·|∗ the nuclear norm.
   *
   * <p>It is a symmetric metric in radians, from 0 to π/2. With α = 1 it is the angular Procrustes
   * distance, with α = 0 that of the canonical correlations, which no invertible linear map
   * changes. In between it depends on the units of the layers and on n, as its definition has it:
   * compare such values only at the same n and in the same units.
   *
   * <p>A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once,
   * O(n p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @param alpha α, from 0 (whitened) to 1 (as it is)
   * @throws org.palimpsest.core.PalimpsestException if it is not
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, equation 8</a>
   */
  public static Measure<Prepared> shape(double alpha) {
    return new ShapeMetric(alpha, OptionalDouble.empty());
  }

  /** The shape metric with α = 0.5, see {@link #shape(double)}. */
  public static Measure<Prepared> shape() {
    return ShapeMetric.withDefaults();
  }

  /**
   * {@link #shape(double)} with a tolerance of its own.
   *
   * @param alpha α, from 0 (whitened) to 1 (as it is)
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if one of them is not within [0, 1]
   */
  public static Measure<Prepared> shape(double alpha, double tolerance) {
    return new ShapeMetric(alpha, OptionalDouble.of(tolerance));
  }

  /**
   * The mean over samples of the cosine between the centred rows of two layers, n × p and n × q,
   * after the rotation that brings one nearest to the other; the narrower layer is padded with
   * zeros.
   *
   * <p>With Xc'Yc = U S V' that rotation aligns the rows of Xc U with those of Yc V. The mean lies
   * within [−1, 1], has no unit and is symmetric. Other than {@link #procrustesNormalized}, every
   * sample counts the same, however far it lies from the mean. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>A row that equals its layer's mean has no direction: its cosine counts as 0, with a warning.
   * A layer whose features never vary is refused. Products are computed in float64. Cost: O(n p)
   * for each layer once, O(n p q + min(p, q)² max(p, q)) for a pair.
   *
   * @see <a href="https://arxiv.org/abs/1605.09096">Hamilton et al. 2016, section 3</a>
   */
  public static Measure<Prepared> alignedCosine() {
    return new AlignedCosine();
  }
}
