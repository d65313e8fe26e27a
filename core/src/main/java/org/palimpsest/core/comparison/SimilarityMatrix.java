package org.palimpsest.core.comparison;

import java.util.Collections;
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
 *     asked for, or has none
 * @param reasons entry (i, j) says why a pair that was asked for has no score; else empty
 */
public record SimilarityMatrix(
    String measure,
    MeasureProperties properties,
    List<String> rowLayers,
    List<String> columnLayers,
    List<List<Optional<Score>>> scores,
    List<List<String>> reasons) {

  public SimilarityMatrix {
    rowLayers = List.copyOf(rowLayers);
    columnLayers = List.copyOf(columnLayers);
    scores = scores.stream().map(List::copyOf).toList();
    reasons = reasons.stream().map(List::copyOf).toList();
  }

  /** One in which each pair that was asked for has a score. */
  public SimilarityMatrix(
      String measure,
      MeasureProperties properties,
      List<String> rowLayers,
      List<String> columnLayers,
      List<List<Optional<Score>>> scores) {
    this(
        measure,
        properties,
        rowLayers,
        columnLayers,
        scores,
        Collections.nCopies(rowLayers.size(), Collections.nCopies(columnLayers.size(), "")));
  }

  /** The same by another name of the measure. */
  public SimilarityMatrix named(String other) {
    return new SimilarityMatrix(other, properties, rowLayers, columnLayers, scores, reasons);
  }

  /** Why a pair that was asked for has no score; else empty. */
  public String reason(int row, int column) {
    return reasons.get(row).get(column);
  }

  /** The score of a pair, if it was asked for and has one. */
  public Optional<Score> score(int row, int column) {
    return scores.get(row).get(column);
  }

  /** The value of a pair, or NaN if there is none. */
  public double value(int row, int column) {
    return score(row, column).map(Score::value).orElse(Double.NaN);
  }
}
