package org.palimpsest.similarity.cka;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.CrossProducts;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;

/** Scores of one pair or of all pairs, made of |Xc'Yc|², |Xc'Xc|² and |Yc'Yc|². */
final class CkaTable {

  /** Makes a score of the three products. */
  @FunctionalInterface
  interface Formula {
    Score of(LinearPair pair, double cross, double selfA, double selfB);
  }

  private CkaTable() {}

  static Score compare(Formula formula, LinearPair pair) {
    return formula.of(pair, pair.squaredProduct(), pair.a().selfProduct(), pair.b().selfProduct());
  }

  static List<List<Score>> compareAll(
      LinearComputation measure, Formula formula, LayerTable<CentredLayer> layers) {
    CrossProducts products = layers.get(new CrossProducts.OfAll());
    List<CentredLayer> rows = layers.rows();
    List<CentredLayer> columns = layers.columns();
    List<List<Score>> scores = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<Score> row = new ArrayList<>();
      for (int j = 0; j < columns.size(); j++) {
        LinearPair pair = new LayerPair(rows.get(i), columns.get(j));
        Score score =
            formula.of(pair, products.cross()[i][j], products.ofRows()[i], products.ofColumns()[j]);
        row.add(measure.closely(pair, score));
      }
      scores.add(row);
    }
    return scores;
  }
}
