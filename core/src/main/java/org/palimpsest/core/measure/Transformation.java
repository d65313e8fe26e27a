package org.palimpsest.core.measure;

/**
 * What can be done to one of two representations (or, where it says so, to both), by which measures
 * are told apart: each {@linkplain MeasureProperties#ignores ignores} some of these and {@linkplain
 * MeasureProperties#notices notices} others.
 *
 * <p>X is n × p: rows are samples, columns are features. Which of these a comparison ought to
 * ignore is a question about networks. The order of a layer's channels is arbitrary, so that hardly
 * anyone wants {@link #FEATURE_PERMUTATION} noticed; a layer that follows undoes any {@link
 * #INVERTIBLE_LINEAR_MAP}, but a measure that ignores these finds all layers alike once there are
 * as many features as samples (Kornblith et al. 2019, theorem 1).
 *
 * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, section 2</a>
 */
public enum Transformation {
  /**
   * X Q with an orthogonal Q (p × p): features are rotated or reflected, distances and angles
   * between samples stay.
   */
  ROTATION("rotation"),
  /** X P with a permutation matrix P: the features change places. */
  FEATURE_PERMUTATION("feature permutation"),
  /** c X with one number c &gt; 0 for all features, such as other units. */
  ISOTROPIC_SCALING("isotropic scaling"),
  /** X + 1 v': a constant is added to each feature, another one to each. */
  TRANSLATION("translation"),
  /** X A with an invertible A (p × p), of which rotations and scalings are special cases. */
  INVERTIBLE_LINEAR_MAP("invertible linear map"),
  /** [X 0]: features that are always zero are added. */
  ZERO_PADDING("zero padding"),
  /**
   * P X and P Y with one permutation matrix P (n × n): the samples of both change places in the
   * same way.
   */
  SAMPLE_REORDERING_IN_BOTH("sample reordering in both"),
  /**
   * P X and Y: the samples of one alone change places, so that rows no longer belong together. A
   * measure that does not notice it looks at each layer by itself.
   */
  SAMPLE_REORDERING_IN_ONE("sample reordering in one");

  private final String label;

  Transformation(String label) {
    this.label = label;
  }

  /** Its name in the field's words. */
  public String label() {
    return label;
  }
}
