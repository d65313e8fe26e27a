package org.palimpsest.core.comparison;

import java.util.List;
import java.util.Optional;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;

/**
 * The scores of one measure for pairs of layers.
 *
 * @param measure the measure's name, as it was asked for
 * @param properties what the measure promises
 * @param rowLayers the layers of network A, in the order in which they ran
 * @param columnLayers the layers of network B
 * @param scores entry (i, j) compares row layer i with column layer j; empty if that pair was not
 *     asked for
 */
public record SimilarityMatrix(
    String measure,
    MeasureProperties properties,
    List<String> rowLayers,
    List<String> columnLayers,
    List<List<Optional<Score>>> scores) {

  public SimilarityMatrix {
    rowLayers = List.copyOf(rowLayers);
    columnLayers = List.copyOf(columnLayers);
    scores = scores.stream().map(List::copyOf).toList();
  }

  /** The score of a pair, if it was asked for. */
  public Optional<Score> score(int row, int column) {
    return scores.get(row).get(column);
  }

  /** The value of a pair, or NaN if it was not asked for. */
  public double value(int row, int column) {
    return score(row, column).map(Score::value).orElse(Double.NaN);
  }
}
