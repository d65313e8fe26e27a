package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.representation.Representation;

/**
 * Compares representations: each is prepared once, prepared ones are compared many times.
 *
 * <p>Implementations are immutable and safe to use from several threads.
 *
 * @param <P> what its preparation makes
 */
public interface Measure<P extends Prepared> {

  /** Its name with its parameters, as on the command line: {@code svcca:0.9}. */
  String name();

  MeasureProperties properties();

  Preparation<P> preparation();

  /**
   * Compares two prepared representations.
   *
   * @throws org.palimpsest.core.PalimpsestException if they do not come from the same samples, or
   *     are too few for this measure
   */
  Score compare(P a, P b);

  /** Compares each of {@code rows} with each of {@code columns}; entry (i, j) is row i's. */
  default List<List<Score>> compareAll(List<P> rows, List<P> columns) {
    List<List<Score>> scores = new ArrayList<>();
    for (P row : rows) {
      scores.add(columns.stream().map(column -> compare(row, column)).toList());
    }
    return scores;
  }

  /** Compares two representations once. To compare many, prepare each of them once instead. */
  default Score compare(Representation a, Representation b) {
    a.info().requireSameSamples(b.info());
    return compare(preparation().prepare(a), preparation().prepare(b));
  }
}
