package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.engine.Block;
import org.palimpsest.core.internal.engine.Engine;
import org.palimpsest.core.internal.engine.Workers;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** One comparison under way. */
final class ComparisonRun implements Engine.Results<ComparisonRun.Asked> {

  /** What the engine is asked for: one measure of layers that meet. */
  record Asked(int measure, Meeting meeting) {

    Stream<Asked> halves() {
      return meeting.halves().map(half -> new Asked(measure, half));
    }
  }

  private final Comparison comparison;
  private final List<Measure<?>> measures;
  private final LayerMemory memory;
  private final PreparedLayers a;
  private final PreparedLayers b;
  private final List<? extends Preparation<?>> preparations;
  private final ScoreTables tables;
  private final List<Asked> failed = new ArrayList<>();
  private Progress.@Nullable Task task;

  ComparisonRun(Comparison comparison, PreparedLayers a, PreparedLayers b) {
    this.comparison = comparison;
    this.measures = comparison.measures();
    this.memory = comparison.memory();
    this.a = a;
    this.b = b;
    this.preparations =
        measures.stream().<Preparation<?>>map(Measure::preparation).distinct().toList();
    this.tables = new ScoreTables(measures, a.layers(), b.layers());
  }

  ComparisonResult done() {
    List<Meeting> meetings = comparison.partners().meetings(a.side(), b.side());
    Map<String, Set<Grid>> gridsOfA = Meeting.grids(meetings, Meeting::rows);
    Map<String, Set<Grid>> gridsOfB = Meeting.grids(meetings, Meeting::columns);
    long compared = meetings.stream().mapToLong(Meeting::pairs).sum();
    long work = gridsOfA.size() + gridsOfB.size() + compared * measures.size();
    try (Progress.Task begun = comparison.progress().begin("compare", work)) {
      task = begun;
      prepareBoth(gridsOfA, gridsOfB, begun);
      meetings.forEach(meeting -> tables.view(meeting, a.matrices()::describe));
      compare(asked(meetings));
    }
    return tables.result(a.matrices().provenance(), b.matrices().provenance());
  }

  /** What fails is asked for again in halves, until it is known which pairs it is that fail. */
  private void compare(List<Asked> asked) {
    Engine engine = engine();
    List<Asked> open = asked;
    while (!open.isEmpty()) {
      failed.clear();
      engine.compare(open, this::block, this);
      open = failed.stream().flatMap(Asked::halves).toList();
    }
  }

  private Engine engine() {
    Engine engine = new Engine(Runtime.getRuntime().availableProcessors(), comparison.intervals());
    return memory.isLimited() ? engine.holdingTables(1) : engine;
  }

  /** Side by side, where they are two and nothing says that memory is short. */
  private void prepareBoth(
      Map<String, Set<Grid>> gridsOfA, Map<String, Set<Grid>> gridsOfB, Progress.Task begun) {
    if (memory.isLimited() || a.matrices() == b.matrices()) {
      prepare(a, gridsOfA, begun);
      prepare(b, gridsOfB, begun);
    } else {
      Workers.both(() -> prepare(a, gridsOfA, begun), () -> prepare(b, gridsOfB, begun));
    }
  }

  private void prepare(PreparedLayers network, Map<String, Set<Grid>> grids, Progress.Task begun) {
    grids.forEach(
        (layer, wanted) -> {
          network.prepare(layer, wanted, preparations);
          synchronized (begun) {
            begun.advance(1);
          }
        });
  }

  private List<Asked> asked(List<Meeting> meetings) {
    return meetings.stream()
        .flatMap(this::fitting)
        .flatMap(
            meeting -> IntStream.range(0, measures.size()).mapToObj(m -> new Asked(m, meeting)))
        .toList();
  }

  private Stream<Meeting> fitting(Meeting meeting) {
    return memory.isLimited()
        ? memory.fitting(
            meeting,
            row -> bytes(a, row, meeting.grid()),
            column -> bytes(b, column, meeting.grid()))
        : Stream.of(meeting);
  }

  private long bytes(PreparedLayers network, String layer, Grid grid) {
    return preparations.stream()
        .mapToLong(preparation -> network.bytes(layer, grid, preparation))
        .max()
        .orElse(0);
  }

  private Block<?> block(Asked asked) {
    return block(measures.get(asked.measure()), asked.meeting());
  }

  private <P extends Prepared> Block<P> block(Measure<P> measure, Meeting meeting) {
    Preparation<P> preparation = measure.preparation();
    Grid grid = meeting.grid();
    return Block.table(
        measure,
        meeting.rows().stream().map(layer -> a.source(layer, grid, preparation)).toList(),
        meeting.columns().stream().map(layer -> b.source(layer, grid, preparation)).toList());
  }

  @Override
  public void scores(Asked asked, List<List<Score>> found) {
    Meeting meeting = asked.meeting();
    for (int i = 0; i < meeting.rows().size(); i++) {
      for (int j = 0; j < meeting.columns().size(); j++) {
        tables.score(
            asked.measure(), meeting.rows().get(i), meeting.columns().get(j), found.get(i).get(j));
      }
    }
    Objects.requireNonNull(task).advance(meeting.pairs());
  }

  @Override
  public void failure(Asked asked, PalimpsestException failure) {
    Meeting meeting = asked.meeting();
    if (meeting.pairs() > 1) {
      failed.add(asked);
      return;
    }
    tables.failure(asked.measure(), meeting.rows().get(0), meeting.columns().get(0), failure);
    Objects.requireNonNull(task).advance(1);
  }

  /** Collects what comes of a comparison, pair by pair. For one thread. */
  static final class ScoreTables {

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
}
