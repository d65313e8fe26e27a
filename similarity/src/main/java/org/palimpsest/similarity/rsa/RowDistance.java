package org.palimpsest.similarity.rsa;

import java.util.EnumSet;
import java.util.Set;
import org.palimpsest.core.measure.Transformation;

/** A distance between two samples of one representation. */
public enum RowDistance {
  /** One minus the Pearson correlation of the two rows. */
  CORRELATION(
      "correlation",
      EnumSet.of(
          Transformation.ROTATION,
          Transformation.TRANSLATION,
          Transformation.INVERTIBLE_LINEAR_MAP,
          Transformation.ZERO_PADDING)),
  /** The euclidean distance. */
  EUCLIDEAN("euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP)),
  /** The squared euclidean distance. */
  SQUARED_EUCLIDEAN("squared_euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP)),
  /** One minus the cosine of the angle between the two rows. */
  COSINE("cosine", EnumSet.of(Transformation.TRANSLATION, Transformation.INVERTIBLE_LINEAR_MAP)),
  /**
   * The euclidean distance after whitening: √((x − y)' S⁺ (x − y)), S the covariance of the
   * features and S⁺ its pseudo-inverse of numerical rank.
   */
  MAHALANOBIS("mahalanobis", EnumSet.noneOf(Transformation.class));
  ;

  private final String label;
  private final Set<Transformation> notices;

  RowDistance(String label, Set<Transformation> notices) {
    this.label = label;
    this.notices = notices;
  }

  /** Its name on the command line. */
  public String label() {
    return label;
  }

  /** What changes the distances other than by a common factor or the order of samples. */
  Set<Transformation> notices() {
    return EnumSet.copyOf(notices);
  }
}
