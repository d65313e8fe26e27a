package org.palimpsest.similarity.neighbours;

import java.util.EnumSet;
import java.util.Set;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * What makes one sample nearer than another. By either, the same neighbours come out whatever the
 * units of a layer and however it is rotated; they differ in what a constant added to a feature
 * does.
 */
public enum RowMetric {
  /**
   * The cosine of the angle between two rows, of features that are not centred: what is added to a
   * feature changes it, and a sample of zeros alone has none and is refused.
   */
  COSINE("cosine", EnumSet.of(Transformation.TRANSLATION, Transformation.INVERTIBLE_LINEAR_MAP)),
  /** The euclidean distance of two rows, which ignores translations. */
  EUCLIDEAN("euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP));

  private final String label;
  private final Set<Transformation> notices;

  RowMetric(String label, Set<Transformation> notices) {
    this.label = label;
    this.notices = notices;
  }

  /** Its name on the command line. */
  public String label() {
    return label;
  }

  /** A squared distance of two rows, as it is compared with others. */
  double comparable(double squared) {
    return this == COSINE ? Ties.betweenDirections(squared) : squared;
  }

  /** What changes who is near whom, besides another order of the samples. */
  Set<Transformation> notices() {
    return EnumSet.copyOf(notices);
  }
}
