package org.palimpsest.core.measure;

/** What can be done to one of two representations (or, where it says so, to both). */
public enum Transformation {
  /** The features are multiplied by an orthogonal matrix. */
  ROTATION("rotation"),
  /** The features change places. */
  FEATURE_PERMUTATION("feature permutation"),
  /** All features are multiplied by one positive number. */
  ISOTROPIC_SCALING("isotropic scaling"),
  /** A constant is added to each feature. */
  TRANSLATION("translation"),
  /** The features are multiplied by an invertible matrix. */
  INVERTIBLE_LINEAR_MAP("invertible linear map"),
  /** Features that are always zero are added. */
  ZERO_PADDING("zero padding"),
  /** The samples of both change places in the same way. */
  SAMPLE_REORDERING_IN_BOTH("sample reordering in both"),
  /** The samples of one alone change places. */
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
