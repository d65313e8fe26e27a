package org.palimpsest.core.measure;

import java.util.List;

/** Gives scores their intervals. */
public interface ScoreIntervals {

  /**
   * The scores with their intervals.
   *
   * @param rows what was compared
   * @param columns with what
   * @param scores entry (i, j) is that of row i and column j
   */
  <P extends Prepared> List<List<Score>> attach(
      Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores);

  /** All that decides what the intervals of given scores are, such as {@code level 0.95}. */
  String settings();
}
