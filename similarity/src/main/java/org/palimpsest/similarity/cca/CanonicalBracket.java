package org.palimpsest.similarity.cca;

import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.Scores;

/** When brackets of canonical correlations hold the true value. */
class CanonicalBracket implements HeldOutBracket.Rules {

  private static final ImagesNeeded NEEDED = new ImagesNeeded(2.5, 1.6);

  /** Of how many components of a layer correlations are taken. */
  int components(Scores layer) {
    return layer.rows().columns();
  }

  @Override
  public long fewestImages(boolean ofPositions, Scores a, Scores b) {
    return NEEDED.of(Math.max(components(a), components(b)), ofPositions);
  }
}
