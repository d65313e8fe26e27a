package org.palimpsest.similarity.matching;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;

/**
 * Measures that match single features of one layer with those of another.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Matching {

  private Matching() {}

  /**
   * The mean Pearson correlation of features under the one-to-one assignment of the features of one
   * layer (n × p) to those of the other (n × q) that maximises it; of layers of unequal width, over
   * the features of the narrower one.
   *
   * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice translations,
   * positive scaling and the order of features; rotations it does. The best of many correlations is
   * large by chance where samples are few; such values carry a warning.
   *
   * <p>A feature that never varies correlates 0 with everything, and the score says so. Fewer than
   * three samples are refused. Cost: n p for each layer once, n p q and an assignment, O(max(p,
   * q)³) at worst, for a pair.
   *
   * <p>It asks whether two networks have the same single units, not the same space: layers that are
   * rotated against each other may have a low value here and a linear CKA of 1. Of convolutions
   * with positions as samples a feature is a channel.
   *
   * <pre>{@code
   * Score score = Matching.hardCorrelation().compare(before, after);
   * }</pre>
   *
   * @see <a href="https://arxiv.org/abs/1511.07543">Li et al. 2015, Convergent Learning, section
   *     3.2</a>
   */
  public static Measure<Prepared> hardCorrelation() {
    return new HardCorrelationMatch();
  }

  /**
   * The mean Pearson correlation of each feature with the feature of the other layer that
   * correlates most, averaged over the features of one layer (n × p), over those of the other (n ×
   * q), and then over both layers.
   *
   * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice translations,
   * positive scaling and the order of features; rotations it does. Several features may have the
   * same best match. The best of many correlations is large by chance where samples are few; such
   * values carry a warning.
   *
   * <p>A feature that never varies correlates 0 with everything, and the score says so. Fewer than
   * three samples are refused. Cost: n p for each layer once, n p q for a pair.
   *
   * <p>It is at least as large as the {@link #hardCorrelation} of layers of equal width; the two
   * are equal where the best match of each feature is its partner there.
   *
   * @see <a href="https://arxiv.org/abs/1511.07543">Li et al. 2015, Convergent Learning, section
   *     3.3</a>
   */
  public static Measure<Prepared> softCorrelation() {
    return new SoftCorrelationMatch();
  }

  /**
   * The least Frobenius distance min |X − YP| over permutations P of the features, of raw columns
   * (n × p and n × q), the narrower layer padded with zeros.
   *
   * <p>It is 0 for layers that differ in the order of their features alone, has no upper bound, is
   * in the units of the layers and is a symmetric metric. It notices rotations, scaling and
   * translations: large feature means dominate it, since nothing is centred.
   *
   * <p>Products are float64. An assignment for which the heap has no room is refused. Cost: n p for
   * each layer once, n p q and an assignment, O(max(p, q)³) at worst, for a pair.
   *
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, section 2, with the group
   *     of permutations</a>
   */
  public static Measure<Prepared> permutationProcrustes() {
    return new PermutationProcrustes();
  }
}
