package org.palimpsest.similarity.linalg;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;

/** A measure that centred layers, or their co-moments alone, are enough for. */
public interface LinearMeasure extends Measure<CentredLayer> {

  /** Compares two layers. */
  Score compare(LinearPair pair);

  @Override
  default Preparation<CentredLayer> preparation() {
    return Centring.ofFeatures();
  }

  @Override
  default Score compare(CentredLayer a, CentredLayer b) {
    return compare(new LayerPair(a, b));
  }

  @Override
  default List<List<Score>> compareAll(List<CentredLayer> rows, List<CentredLayer> columns) {
    List<List<Score>> scores = new ArrayList<>();
    for (CentredLayer row : rows) {
      scores.add(columns.stream().map(column -> compare(row, column)).toList());
    }
    return scores;
  }
}
