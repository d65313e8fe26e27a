package org.palimpsest.similarity.cca;

import org.palimpsest.similarity.uncertainty.HeldOutBracket;
import org.palimpsest.similarity.uncertainty.Scores;

/** When brackets of canonical correlations hold the true value. */
class CanonicalBracket implements HeldOutBracket.Rules {

  private static final double IMAGES_PER_COMPONENT = 2.5;
  private static final double IMAGES_OF_POSITIONS = 1.6;
  private static final long FEWEST = 8;

  /** Of how many components of a layer correlations are taken. */
  int components(Scores layer) {
    return layer.rows().columns();
  }

  @Override
  public long fewestImages(boolean ofPositions, Scores a, Scores b) {
    int most = Math.max(components(a), components(b));
    double each = ofPositions ? IMAGES_OF_POSITIONS : IMAGES_PER_COMPONENT;
    return Math.max(FEWEST, (long) Math.ceil(each * most));
  }
}
