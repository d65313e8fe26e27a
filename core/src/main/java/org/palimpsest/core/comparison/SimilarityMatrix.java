package org.palimpsest.core.comparison;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
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

  /**
   * @throws PalimpsestException if there are not as many scores and reasons as pairs of layers
   */
  public SimilarityMatrix {
    rowLayers = List.copyOf(rowLayers);
    columnLayers = List.copyOf(columnLayers);
    scores = scores.stream().map(List::copyOf).toList();
    reasons = reasons.stream().map(List::copyOf).toList();
    requireAsManyAs(rowLayers, columnLayers, "scores", scores);
    requireAsManyAs(rowLayers, columnLayers, "reasons", reasons);
  }

  static void requireAsManyAs(
      List<String> rows, List<String> columns, String what, List<? extends List<?>> entries) {
    boolean fits =
        entries.size() == rows.size()
            && entries.stream().allMatch(row -> row.size() == columns.size());
    if (!fits) {
      throw new PalimpsestException(
          "The %s of %s layers by %s are given in rows of %s. Give one for each pair."
              .formatted(
                  what, rows.size(), columns.size(), entries.stream().map(List::size).toList()));
    }
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

  /**
   * The score of two layers, if the pair was asked for and has one.
   *
   * @throws PalimpsestException if there is no such layer, naming the nearest
   */
  public Optional<Score> score(String rowLayer, String columnLayer) {
    return score(index(rowLayers, rowLayer), index(columnLayers, columnLayer));
  }

  /**
   * The value of two layers, or NaN if there is none.
   *
   * @throws PalimpsestException if there is no such layer, naming the nearest
   */
  public double value(String rowLayer, String columnLayer) {
    return value(index(rowLayers, rowLayer), index(columnLayers, columnLayer));
  }

  private static int index(List<String> layers, String layer) {
    int index = layers.indexOf(layer);
    if (index < 0) {
      throw LayerSelector.unknown(layer, layers);
    }
    return index;
  }

  /** All values: entry [i][j] compares row layer i with column layer j; NaN where there is none. */
  public double[][] toArray() {
    return IntStream.range(0, rowLayers.size())
        .mapToObj(
            row ->
                IntStream.range(0, columnLayers.size()).mapToDouble(j -> value(row, j)).toArray())
        .toArray(double[][]::new);
  }

  /**
   * Looks for each layer of network A in network B. A layer is found if, of all column layers, the
   * measure finds the one of its name most similar, and no other as similar. Between networks that
   * differ in their seed alone a good measure finds nearly all layers. Row layers without a column
   * layer of their name are not looked for. Pairs that the measure could not compare count as less
   * similar than all others.
   *
   * <p>The other direction, B's layers in A, is another question: compare the networks the other
   * way round. Cost: one look at each value.
   *
   * @return what was found, layer by layer and as a share
   * @throws PalimpsestException if not all pairs were compared, or no layer has a namesake
   * @see <a href="https://proceedings.mlr.press/v97/kornblith19a.html">Kornblith et al. 2019,
   *     section 6.1</a>
   */
  public Identification identification() {
    Map<String, Optional<String>> mostSimilar = new LinkedHashMap<>();
    for (int row = 0; row < rowLayers.size(); row++) {
      if (columnLayers.contains(rowLayers.get(row))) {
        mostSimilar.put(rowLayers.get(row), mostSimilar(row));
      }
    }
    if (mostSimilar.isEmpty()) {
      throw new PalimpsestException(
          "The networks have no layer of the same name (%s, … and %s, …), so that none can be found in the other."
              .formatted(first(rowLayers), first(columnLayers)));
    }
    return new Identification(mostSimilar);
  }

  private static String first(List<String> layers) {
    return layers.isEmpty() ? "none" : layers.get(0);
  }

  private Optional<String> mostSimilar(int row) {
    double sign = properties.direction() == Direction.SIMILARITY ? 1 : -1;
    double best = Double.NEGATIVE_INFINITY;
    Optional<String> most = Optional.empty();
    for (int column = 0; column < columnLayers.size(); column++) {
      if (score(row, column).isEmpty() && reason(row, column).isEmpty()) {
        throw new PalimpsestException(
            "Layers '%s' and '%s' were not compared. Compare all pairs of layers to look for each in the other network."
                .formatted(rowLayers.get(row), columnLayers.get(column)));
      }
      double likeness = score(row, column).map(Score::value).orElse(Double.NaN) * sign;
      if (likeness > best) {
        best = likeness;
        most = Optional.of(columnLayers.get(column));
      } else if (likeness == best) {
        most = Optional.empty();
      }
    }
    return most;
  }

  /**
   * Which layers a measure found in another network.
   *
   * @param mostSimilar by layer of A that was looked for, B's layer that is most similar; empty if
   *     several are equally so, or the measure could not compare it with any
   */
  public record Identification(Map<String, Optional<String>> mostSimilar) {

    public Identification {
      mostSimilar = Collections.unmodifiableMap(new LinkedHashMap<>(mostSimilar));
    }

    /** The layers whose most similar one has their own name, in the order in which they ran. */
    public List<String> found() {
      return mostSimilar.entrySet().stream()
          .filter(entry -> entry.getValue().equals(Optional.of(entry.getKey())))
          .map(Map.Entry::getKey)
          .toList();
    }

    /** The share of layers that were found, from 0 to 1; 1/L by chance of L layers. */
    public double accuracy() {
      return (double) found().size() / mostSimilar.size();
    }
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
