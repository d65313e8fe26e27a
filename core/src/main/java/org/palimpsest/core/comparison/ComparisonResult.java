package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/**
 * Everything that came of comparing network A with network B: a {@linkplain SimilarityMatrix
 * matrix} of scores for each measure, or all of them as {@linkplain #rows() rows}; and the pairs
 * that have {@linkplain #missing() none}. Immutable.
 *
 * <pre>{@code
 * SimilarityMatrix cka = result.matrix("linear_cka");
 * double value = cka.value("enc1", "enc1");
 * result.missing().forEach(none -> System.err.println(none.layerA() + ": " + none.reason()));
 * }</pre>
 *
 * <p>The module {@code report} writes it as CSV or JSON ({@code TableFormat}) and draws it ({@code
 * HeatMap}).
 *
 * @param a where A came from
 * @param b where B came from
 * @param matrices one per measure, in the order asked
 * @param views entry (i, j) tells how feature maps became samples for that pair of layers
 */
public record ComparisonResult(
    Provenance a, Provenance b, List<SimilarityMatrix> matrices, List<List<String>> views) {

  /**
   * @throws PalimpsestException if there is no matrix, two are of other layers, or there are not as
   *     many views as pairs of layers
   */
  public ComparisonResult {
    matrices = List.copyOf(matrices);
    views = views.stream().map(List::copyOf).toList();
    if (matrices.isEmpty()) {
      throw new PalimpsestException(
          "A comparison has a matrix for each measure, and none is given.");
    }
    SimilarityMatrix first = matrices.get(0);
    for (SimilarityMatrix matrix : matrices) {
      if (!matrix.rowLayers().equals(first.rowLayers())
          || !matrix.columnLayers().equals(first.columnLayers())) {
        throw new PalimpsestException(
            "The matrices of '%s' and '%s' are of different layers: %s by %s, and %s by %s."
                .formatted(
                    first.measure(),
                    matrix.measure(),
                    first.rowLayers(),
                    first.columnLayers(),
                    matrix.rowLayers(),
                    matrix.columnLayers()));
      }
    }
    SimilarityMatrix.requireAsManyAs(first.rowLayers(), first.columnLayers(), "views", views);
  }

  /**
   * The scores of one measure.
   *
   * @param measure its name with its parameters, as it was asked for: {@code svcca:0.9}
   * @throws PalimpsestException if it was not asked for, naming those that were
   */
  public SimilarityMatrix matrix(String measure) {
    return matrices.stream()
        .filter(matrix -> matrix.measure().equals(measure))
        .findFirst()
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "Nothing was compared by '%s', but by %s."
                        .formatted(
                            measure,
                            matrices.stream()
                                .map(SimilarityMatrix::measure)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * The same under other names of its measures.
   *
   * @param measures one for each matrix, such as the words in which it was asked for
   * @throws PalimpsestException if there are more or fewer names than matrices
   */
  public ComparisonResult named(List<String> measures) {
    if (measures.size() != matrices.size()) {
      throw new PalimpsestException(
          "%s names (%s) are given to the matrices of %s measures. Give one to each."
              .formatted(measures.size(), String.join(", ", measures), matrices.size()));
    }
    List<SimilarityMatrix> named = new ArrayList<>();
    for (int m = 0; m < measures.size(); m++) {
      named.add(matrices.get(m).named(measures.get(m)));
    }
    return new ComparisonResult(a, b, named, views);
  }

  /**
   * What scores say beside their values, each kind once: warnings that differ in nothing but
   * numbers and layers are one kind. A line names the measure, the first pair of layers, the
   * warning, and how many more pairs it concerns, so that a table of a thousand scores has a
   * handful of warnings.
   *
   * @return in the order in which the kinds first appear; empty if no score has a warning
   */
  public List<String> warnings() {
    return ScoreWarnings.of(rows());
  }

  /** Each kind of reason why pairs have no score as one line, as {@link #warnings}. */
  public List<String> missingNotes() {
    return ScoreWarnings.ofMissing(missing());
  }

  /** How intervals are made, and of which scores there is none and why, as {@link #warnings}. */
  public List<String> intervalNotes() {
    return ScoreWarnings.ofIntervals(rows());
  }

  /**
   * All scores as rows, ordered by layer of A, layer of B, then the measures as asked: at most L ·
   * M rows for each measure, with L layers of A and M of B. Pairs without a score are not among
   * them, see {@link #missing}.
   */
  public List<PairScore> rows() {
    List<PairScore> rows = new ArrayList<>();
    List<String> rowLayers = matrices.get(0).rowLayers();
    List<String> columnLayers = matrices.get(0).columnLayers();
    for (int i = 0; i < rowLayers.size(); i++) {
      for (int j = 0; j < columnLayers.size(); j++) {
        for (SimilarityMatrix matrix : matrices) {
          Optional<Score> score = matrix.score(i, j);
          if (score.isPresent()) {
            rows.add(
                new PairScore(
                    rowLayers.get(i),
                    columnLayers.get(j),
                    matrix.measure(),
                    views.get(i).get(j),
                    score.get()));
          }
        }
      }
    }
    return rows;
  }

  /** What has no score though it was asked for, in the same order. */
  public List<MissingScore> missing() {
    List<MissingScore> missing = new ArrayList<>();
    List<String> rowLayers = matrices.get(0).rowLayers();
    List<String> columnLayers = matrices.get(0).columnLayers();
    for (int i = 0; i < rowLayers.size(); i++) {
      for (int j = 0; j < columnLayers.size(); j++) {
        for (SimilarityMatrix matrix : matrices) {
          if (!matrix.reason(i, j).isEmpty()) {
            missing.add(
                new MissingScore(
                    rowLayers.get(i),
                    columnLayers.get(j),
                    matrix.measure(),
                    matrix.properties().direction(),
                    views.get(i).get(j),
                    matrix.reason(i, j)));
          }
        }
      }
    }
    return missing;
  }

  /**
   * A pair of layers of which a measure cannot tell anything, beside the scores of the pairs of
   * which it can: a layer is constant, has too few samples for this measure, or holds a value that
   * is not finite. One such pair does not end a comparison; if no pair at all has a score, the
   * first reason is thrown instead.
   *
   * @param layerA the layer of network A
   * @param layerB the layer of network B
   * @param measure the measure's name, as it was asked for
   * @param direction the measure's
   * @param view how feature maps became samples for this pair
   * @param reason why, in whole sentences that name the layer
   * @see ComparisonResult#missing()
   */
  public record MissingScore(
      String layerA,
      String layerB,
      String measure,
      Direction direction,
      String view,
      String reason) {}

  /**
   * One row of a table of results: what one measure says of one layer of each network.
   *
   * @param layerA the path of network A's layer
   * @param layerB the path of network B's layer
   * @param measure the measure's name with its parameters, as it was asked for
   * @param view how feature maps became samples for this pair, such as {@code positions 32x32}: the
   *     coarser grid of the two where positions are samples
   * @param score the value with its direction, range, warnings and, if asked for, interval
   * @see ComparisonResult#rows()
   */
  public record PairScore(String layerA, String layerB, String measure, String view, Score score) {}

  /** See {@link #warnings}. */
  static final class ScoreWarnings {

    private record Kind(String measure, String pattern) {}

    private record Seen(String layerA, String layerB, String measure, String warning, int pairs) {

      static Seen first(PairScore row, String warning) {
        return new Seen(row.layerA(), row.layerB(), row.measure(), warning, 1);
      }

      Seen again() {
        return new Seen(layerA, layerB, measure, warning, pairs + 1);
      }

      /** A second warning of the same pair is of its other layer, and is told too. */
      Seen alsoOfThePair(String other) {
        return new Seen(layerA, layerB, measure, warning + " " + other, pairs);
      }

      String describe() {
        return "%s of %s and %s: %s%s".formatted(measure, layerA, layerB, warning, others());
      }

      private String others() {
        return switch (pairs) {
          case 1 -> "";
          case 2 -> " (and 1 more pair)";
          default -> " (and " + (pairs - 1) + " more pairs)";
        };
      }
    }

    private ScoreWarnings() {}

    /** How intervals are made, and of which scores there is none and why, each kind as one line. */
    static List<String> ofIntervals(Iterable<PairScore> rows) {
      Map<Kind, Seen> seen = new LinkedHashMap<>();
      for (PairScore row : rows) {
        Optional<Interval> interval = row.score().interval();
        if (interval.isPresent()) {
          String words = inWords(interval.get());
          Kind kind = new Kind(row.measure(), pattern(words));
          seen.compute(kind, (k, old) -> old == null ? Seen.first(row, words) : old.again());
        }
      }
      return seen.values().stream().map(Seen::describe).toList();
    }

    private static String inWords(Interval interval) {
      return interval instanceof Interval.Known known
          ? "%s interval by %s over %s units"
              .formatted(known.levelInPercent(), known.method().label(), known.units())
          : ((Interval.Refused) interval).reason();
    }

    /**
     * Each kind of warning as one line, with the first pair that it concerns.
     *
     * @param rows the scores of a table, in its order
     * @return in the order in which the kinds first appear; empty if no score has a warning
     */
    static List<String> of(Iterable<PairScore> rows) {
      Map<Kind, Seen> seen = new LinkedHashMap<>();
      for (PairScore row : rows) {
        Map<Kind, Seen> ofPair = new LinkedHashMap<>();
        for (String warning : row.score().diagnostics().warnings()) {
          ofPair.merge(
              new Kind(row.measure(), pattern(warning)),
              Seen.first(row, warning),
              (first, other) -> first.alsoOfThePair(warning));
        }
        ofPair.forEach((kind, first) -> seen.merge(kind, first, (old, more) -> old.again()));
      }
      return seen.values().stream().map(Seen::describe).toList();
    }

    /**
     * Each kind of reason why pairs have no score as one line, with the first of these pairs.
     *
     * @param pairs those that could not be compared, in the order of the table
     * @return in the order in which the kinds first appear
     */
    static List<String> ofMissing(Iterable<MissingScore> pairs) {
      Map<Kind, Seen> seen = new LinkedHashMap<>();
      for (MissingScore none : pairs) {
        Kind kind = new Kind(none.measure(), pattern(none.reason()));
        Seen first =
            new Seen(none.layerA(), none.layerB(), none.measure(), "no score. " + none.reason(), 1);
        seen.compute(kind, (k, old) -> old == null ? first : old.again());
      }
      return seen.values().stream().map(Seen::describe).toList();
    }

    private static String pattern(String warning) {
      return warning.replaceAll("'[^']*'", "''").replaceAll("[0-9]+(\\.[0-9]+)?", "0");
    }
  }
}
