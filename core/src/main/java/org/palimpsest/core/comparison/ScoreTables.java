package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Grid;

/** Collects what comes of a comparison, pair by pair. For one thread. */
final class ScoreTables {

  private final List<Measure<?>> measures;
  private final List<String> rows;
  private final List<String> columns;
  private final Map<String, Integer> placesOfRows;
  private final Map<String, Integer> placesOfColumns;
  private final List<List<List<Optional<Score>>>> scores;
  private final List<List<List<String>>> reasons;
  private final List<List<String>> views;
  private final List<PalimpsestException> failures = new ArrayList<>();

  ScoreTables(List<Measure<?>> measures, List<String> rows, List<String> columns) {
    this.measures = measures;
    this.rows = rows;
    this.columns = columns;
    this.placesOfRows = places(rows);
    this.placesOfColumns = places(columns);
    this.views = table("");
    this.scores = measures.stream().map(measure -> table(Optional.<Score>empty())).toList();
    this.reasons = measures.stream().map(measure -> table("")).toList();
  }

  private static Map<String, Integer> places(List<String> layers) {
    Map<String, Integer> places = new HashMap<>();
    layers.forEach(layer -> places.putIfAbsent(layer, places.size()));
    return places;
  }

  private <T> List<List<T>> table(T empty) {
    return Stream.generate(() -> new ArrayList<>(Collections.nCopies(columns.size(), empty)))
        .limit(rows.size())
        .<List<T>>map(row -> row)
        .toList();
  }

  /** How feature maps become samples for these layers. */
  void view(Meeting meeting, Function<Grid, String> words) {
    String view = words.apply(meeting.grid());
    for (String row : meeting.rows()) {
      for (String column : meeting.columns()) {
        set(views, row, column, view);
      }
    }
  }

  void score(int measure, String row, String column, Score score) {
    set(scores.get(measure), row, column, Optional.of(score));
  }

  /** There is no score of a pair that was asked for. */
  void failure(int measure, String row, String column, PalimpsestException failure) {
    failures.add(failure);
    set(reasons.get(measure), row, column, String.valueOf(failure.getMessage()));
  }

  private <T> void set(List<List<T>> table, String row, String column, T value) {
    int i = Objects.requireNonNull(placesOfRows.get(row), row);
    table.get(i).set(Objects.requireNonNull(placesOfColumns.get(column), column), value);
  }

  /**
   * All of it.
   *
   * @throws PalimpsestException the first failure, if there is no score at all
   */
  ComparisonResult result(Provenance a, Provenance b) {
    boolean isThereAny =
        scores.stream().flatMap(List::stream).flatMap(List::stream).anyMatch(Optional::isPresent);
    if (!isThereAny && !failures.isEmpty()) {
      throw failures.get(0);
    }
    return new ComparisonResult(a, b, matrices(), views);
  }

  private List<SimilarityMatrix> matrices() {
    return IntStream.range(0, measures.size())
        .mapToObj(
            m ->
                new SimilarityMatrix(
                    measures.get(m).name(),
                    measures.get(m).properties(),
                    rows,
                    columns,
                    scores.get(m),
                    reasons.get(m)))
        .toList();
  }
}
