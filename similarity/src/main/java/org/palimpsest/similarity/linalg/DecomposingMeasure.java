package org.palimpsest.similarity.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Score;

/**
 * A linear measure that takes one product and one decomposition for each pair. For many pairs the
 * products are made on the calling thread, since BLAS uses all cores by itself, and those
 * decompositions that use one core run in parallel.
 */
public interface DecomposingMeasure extends LinearMeasure {

  /** What will be decomposed. */
  Dense product(LinearPair pair);

  /** Decomposes it and makes the score. */
  Score score(LinearPair pair, Dense product);

  @Override
  default Score compare(LinearPair pair) {
    return score(pair, product(pair));
  }

  @Override
  default List<List<Score>> compareAll(List<CentredLayer> rows, List<CentredLayer> columns) {
    List<List<Score>> scores = new ArrayList<>();
    for (CentredLayer row : rows) {
      List<LayerPair> pairs = columns.stream().map(column -> new LayerPair(row, column)).toList();
      scores.add(scores(pairs));
    }
    return scores;
  }

  private List<Score> scores(List<LayerPair> pairs) {
    Score[] scores = new Score[pairs.size()];
    List<Dense> products = pairs.stream().map(this::product).toList();
    int[] indices = IntStream.range(0, scores.length).toArray();
    Arrays.stream(indices)
        .parallel()
        .filter(j -> Decompositions.usesOneCore(products.get(j)))
        .forEach(j -> scores[j] = score(pairs.get(j), products.get(j)));
    Arrays.stream(indices)
        .filter(j -> !Decompositions.usesOneCore(products.get(j)))
        .forEach(j -> scores[j] = score(pairs.get(j), products.get(j)));
    return List.of(scores);
  }
}
