package org.palimpsest.similarity.geometry;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;

/**
 * Distances of one number of each layer: how large its mean is, how evenly its samples spread, how
 * narrowly they lie about one direction. None of them looks at which samples are alike.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Geometry {

  private Geometry() {}

  /**
   * The absolute difference of the norms of the mean rows of two layers, n × p and n × q.
   *
   * <p>It is a distance from 0 in the units of the layers, without an upper bound, and symmetric.
   * It does not notice rotations, the order of features or appended zeros; scaling and translations
   * it does. It says nothing of which samples are alike: samples may be reordered in one layer
   * alone.
   *
   * <p>Intervals are refused. Cost: n p for each layer once, one subtraction for a pair.
   *
   * <p>Take it beside a measure of alikeness, to see whether training has shifted or scaled a layer
   * that kept its geometry:
   *
   * <pre>{@code
   * double shift = Geometry.magnitudeDifference().compare(before, after).value(); // of two Representations
   * }</pre>
   *
   * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> magnitudeDifference() {
    return new MagnitudeDifference();
  }

  /**
   * The difference of log mean exp(−2 d²) over all n² pairs of samples, those of a sample with
   * itself included, d the euclidean distance in the layer's own units.
   *
   * <p>Source: Wang et al. 2022, after Wang and Isola 2020. Where samples are further apart than a
   * few units every layer has the value −log n, and the difference is 0. It says nothing of which
   * samples are alike.
   *
   * <p>Since distances count in the layer's own units, divide layers by their norm first where
   * units differ; a warning says where all samples lie too far apart for any difference to show.
   * Distances are computed in float64. Intervals are refused. Cost: n²p for each layer once, one
   * subtraction for a pair.
   */
  public static Measure<Prepared> uniformityDifference() {
    return new UniformityDifference();
  }

  /**
   * The absolute difference of the mean cosines of the samples to their mean row, in two layers, n
   * × p and n × q: how narrowly samples lie about one direction.
   *
   * <p>It is a distance from 0 to 2 without a unit, and symmetric. It does not notice rotations,
   * scaling, the order of features or appended zeros; translations it does. It says nothing of
   * which samples are alike: samples may be reordered in one layer alone.
   *
   * <p>A sample of zeros alone and a mean row of zero have no direction and are refused:
   * concentricity is of activations before they are centred. Intervals are refused. Cost: n p for
   * each layer once, one subtraction for a pair.
   *
   * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> concentricityDifference() {
    return new ConcentricityDifference();
  }
}
