package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * How a measure computes: each representation is prepared once, prepared ones are compared many
 * times. Of two networks with L layers each, that is 2L preparations and L² comparisons.
 *
 * <p>Implementations are immutable and safe to use from several threads: the engine prepares layers
 * and compares blocks of them on all cores.
 *
 * @param <P> what its preparation makes
 */
public interface Computation<P extends Prepared> {

  /** What is done to each representation once. Measures of equal preparations share the results. */
  Preparation<P> preparation();

  /**
   * Compares two prepared representations.
   *
   * @param a made by an equal {@linkplain #preparation() preparation}
   * @param b of the same samples in the same order; may be of another width
   * @return a score with direction and range of the measure, without {@linkplain #cautions
   *     cautions}
   * @throws PalimpsestException if they do not come from the same samples, or are too few for this
   *     measure; it names both layers
   */
  Score compare(P a, P b);

  /**
   * Compares each row of a table with each column; entry (i, j) is row i's. A measure that is
   * faster on all layers together overrides this, and asks the table for what other measures may
   * need too.
   *
   * @throws PalimpsestException as {@link #compare}
   */
  default List<List<Score>> compareAll(LayerTable<P> layers) {
    List<List<Score>> scores = new ArrayList<>();
    for (P row : layers.rows()) {
      scores.add(layers.columns().stream().map(column -> compare(row, column)).toList());
    }
    return scores;
  }

  /** Compares each of {@code rows} with each of {@code columns}; entry (i, j) is row i's. */
  default List<List<Score>> compareAll(List<P> rows, List<P> columns) {
    return compareAll(LayerTable.of(rows, columns));
  }

  /**
   * Why a value that {@link #compare} gave says little of these two, beyond what it warns of
   * itself: such as that unrelated layers have much the same value. Whole sentences; none where it
   * says enough. Tables ask for it once for each score, which resampling does not.
   */
  default List<String> cautions(P a, P b, Score score) {
    return List.of();
  }
}
