package org.palimpsest.similarity.regression;

import java.util.OptionalDouble;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.similarity.regression.LinearRegression.Target;

/**
 * How well one layer predicts another, and how far predictions from either can differ.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Regression {

  private Regression() {}

  /**
   * The share of one layer's variance that a linear regression on the other explains, R²: |Qy'Xc|²
   * / |Xc|² for X (n × p) from Y (n × q), where Qy is an orthonormal basis of what the centred
   * features of Y span.
   *
   * <p>It lies within [0, 1] and has no unit. It is not symmetric: the two targets are two
   * measures. Invertible linear maps of the predictor change nothing; of the target, rotations,
   * reflections, translations and scaling change nothing.
   *
   * <p>An unrelated predictor of rank r explains about r/(n − 1) by chance, all of it with no more
   * samples than features; such values carry a warning. The value is not adjusted for that. A layer
   * whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once, O(n p q) for
   * a pair. It can be computed from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, table 1</a>
   */
  public static Measure<Prepared> xFromY() {
    return new LinearRegression(Target.X_FROM_Y, OptionalDouble.empty());
  }

  /**
   * {@link #xFromY()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> xFromY(double tolerance) {
    return new LinearRegression(Target.X_FROM_Y, OptionalDouble.of(tolerance));
  }

  /** The share of the second layer's variance that the first explains, see {@link #xFromY()}. */
  public static Measure<Prepared> yFromX() {
    return new LinearRegression(Target.Y_FROM_X, OptionalDouble.empty());
  }

  /**
   * {@link #yFromX()} with a tolerance of its own.
   *
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if it is not within [0, 1]
   */
  public static Measure<Prepared> yFromX(double tolerance) {
    return new LinearRegression(Target.Y_FROM_X, OptionalDouble.of(tolerance));
  }

  /**
   * The squared GULP distance: how far ridge regressions on two layers, n × p and n × q, can differ
   * over all targets.
   *
   * <p>Both layers are centred and given the norm √n. In terms of the eigenvalues l and m of their
   * covariances and of M = Ux'Uy it is the sum of (l/(l + L))², plus that of (m/(m + L))², minus
   * twice that of l_i/(l_i + L) M_ij² m_j/(m_j + L). It is 0 for equal layers, has no upper bound
   * but the number of dimensions, no unit, and is symmetric. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>Small ridges make it a distance of what the features span, large ones of their leading
   * components. Fits by chance count here too, and carry a warning. A layer whose features never
   * vary is refused, as is a ridge that is not positive. Cost: O(n p min(n, p)) for each layer
   * once, O(n p q) for a pair. It can be computed from co-moments.
   *
   * @param ridge L, the regularisation, above 0
   * @throws org.palimpsest.core.PalimpsestException if it is not
   * @see <a href="https://arxiv.org/abs/2210.06545">Boix-Adserà et al. 2022, definition 1</a>
   */
  public static Measure<Prepared> gulp(double ridge) {
    return new Gulp(ridge);
  }

  /** GULP with a ridge of 0.01, see {@link #gulp(double)}. */
  public static Measure<Prepared> gulp() {
    return Gulp.withDefaults();
  }
}
