package org.palimpsest.similarity.internal.linalg;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Score;

/**
 * A linear measure that takes one product and one decomposition for each pair. For many pairs,
 * layers are made ready and pairs compared side by side, each on one core: decompositions gain
 * little from several.
 */
public interface DecomposingComputation extends LinearComputation {

  /** Computes what pairs will ask of one layer alone. */
  void makeReady(LinearSide layer);

  /** What will be decomposed. */
  Dense product(LinearPair pair);

  /** Decomposes it and makes the score. */
  Score score(LinearPair pair, Dense product);

  @Override
  default Score compare(LinearPair pair) {
    Cores.sideBySide(2, side -> makeReady(side == 0 ? pair.a() : pair.b()));
    return score(pair, product(pair));
  }

  @Override
  default List<List<Score>> compareAll(LayerTable<CentredLayer> table) {
    List<CentredLayer> rows = table.rows();
    List<CentredLayer> columns = table.columns();
    List<LayerPair> pairs =
        rows.stream()
            .flatMap(row -> columns.stream().map(column -> new LayerPair(row, column)))
            .toList();
    List<CentredLayer> layers =
        Stream.concat(rows.stream(), columns.stream())
            .distinct()
            .sorted(Comparator.comparingLong(layer -> -layer.info().features()))
            .toList();
    Cores.sideBySide(layers.size(), i -> makeReady(layers.get(i)));
    Score[] scores = new Score[pairs.size()];
    Cores.sideBySide(scores.length, i -> scores[i] = compareClosely(pairs.get(i)));
    return IntStream.range(0, rows.size())
        .mapToObj(i -> List.of(scores).subList(i * columns.size(), (i + 1) * columns.size()))
        .toList();
  }
}
