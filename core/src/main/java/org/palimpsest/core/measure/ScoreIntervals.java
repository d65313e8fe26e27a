package org.palimpsest.core.measure;

import java.util.List;

/**
 * Gives scores their intervals: the seam between the engine, which compares layers, and the
 * statistics of the module {@code similarity}, whose {@code Intervals} is the implementation to
 * use.
 *
 * <p>The engine hands over what it compared, a table at a time. Implementations are immutable and
 * safe to use from several threads.
 */
public interface ScoreIntervals {

  /**
   * The scores with their intervals; a score that can have none gets a {@link Interval.Refused}
   * with the reason, and no exception is thrown for it.
   *
   * @param measure by which they were compared
   * @param rows the prepared layers of the first network
   * @param columns the prepared layers of the second
   * @param scores entry (i, j) is that of row i and column j
   * @return as many rows of as many scores, the values being those given
   */
  <P extends Prepared> List<List<Score>> attach(
      Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores);

  /**
   * All that decides what the intervals of given scores are, such as {@code level 0.95}. A study
   * makes its intervals anew when this text differs from that of the measurements in its journal.
   */
  String settings();
}
