package org.palimpsest.core.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;

/**
 * Layers of one network that are compared with layers of another, or of the same, all on one grid
 * and by one measure. A study compares pairs, each by itself, so that no measurement depends on
 * which others were missing; two networks make tables as large as grids allow, since a measure is
 * faster on many layers together. Sums over many layers may differ from those of a pair in the last
 * digit.
 *
 * @param measure by which they are compared
 * @param rows layers of the first network
 * @param columns layers of the second network
 * @param isTable whether they are compared together, be it a single pair
 */
public record Block<P extends Prepared>(
    Measure<P> measure, List<Source> rows, List<Source> columns, boolean isTable) {

  /**
   * A prepared layer and where it is kept.
   *
   * @param store holds it
   * @param key tells which it is
   */
  public record Source(PreparedStore store, PreparedStore.Key key) {}

  public Block {
    rows = List.copyOf(rows);
    columns = List.copyOf(columns);
  }

  /** All layers of both sides together. */
  public static <P extends Prepared> Block<P> table(
      Measure<P> measure, List<Source> rows, List<Source> columns) {
    return new Block<>(measure, rows, columns, true);
  }

  /** Two layers by themselves. */
  public static <P extends Prepared> Block<P> pair(Measure<P> measure, Source a, Source b) {
    return new Block<>(measure, List.of(a), List.of(b), false);
  }

  /**
   * Compares each row with each column; entry (i, j) is row i's.
   *
   * @param intervals gives the scores their intervals, if they are to have any
   * @throws PalimpsestException if a layer could not be prepared, or the measure cannot tell
   *     anything of a pair
   * @throws StorageFailure if a layer was put away and cannot be read again
   */
  public List<List<Score>> compare(Optional<ScoreIntervals> intervals) {
    return compare(table(), intervals);
  }

  /** Its layers beside each other. */
  LayerTable<P> table() {
    return LayerTable.of(prepared(rows), prepared(columns));
  }

  @SuppressWarnings("unchecked") // what is stored under a key was made by the key's preparation
  private List<P> prepared(List<Source> layers) {
    return layers.stream().map(layer -> (P) layer.store().get(layer.key())).toList();
  }

  /** The same, where the layers lie beside each other already. */
  List<List<Score>> compare(LayerTable<P> layers, Optional<ScoreIntervals> intervals) {
    List<P> ofRows = layers.rows();
    List<P> ofColumns = layers.columns();
    List<List<Score>> bare =
        isTable
            ? measure.compareAll(layers)
            : List.of(List.of(measure.compare(ofRows.get(0), ofColumns.get(0))));
    List<List<Score>> scores =
        intervals.map(maker -> maker.attach(measure, ofRows, ofColumns, bare)).orElse(bare);
    List<List<Score>> cautioned = new ArrayList<>();
    for (int i = 0; i < ofRows.size(); i++) {
      List<Score> row = new ArrayList<>();
      for (int j = 0; j < ofColumns.size(); j++) {
        row.add(measure.cautioned(ofRows.get(i), ofColumns.get(j), scores.get(i).get(j)));
      }
      cautioned.add(row);
    }
    return cautioned;
  }
}
