package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.engine.Block;
import org.palimpsest.core.engine.Engine;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.ReducedLayers;
import org.palimpsest.core.representation.View;

/**
 * Compares the layers of one network with those of another, by one measure or several.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. With L layers on either side, a comparison
 * prepares 2L representations (more where grids differ) and compares L² prepared ones.
 */
public final class Comparison {

  private final List<Measure<?>> measures;
  private final FeatureMaps featureMaps;
  private final boolean matchedOnly;
  private final Optional<LayerPairs> pairs;
  private final Optional<ScoreIntervals> intervals;
  private final Progress progress;

  private Comparison(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      boolean matchedOnly,
      Optional<LayerPairs> pairs,
      Optional<ScoreIntervals> intervals,
      Progress progress) {
    this.measures = List.copyOf(measures);
    this.featureMaps = featureMaps;
    this.matchedOnly = matchedOnly;
    this.pairs = pairs;
    this.intervals = intervals;
    this.progress = progress;
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(List<? extends Measure<?>> measures) {
    return new Comparison(
        List.copyOf(measures),
        FeatureMaps.positions(),
        false,
        Optional.empty(),
        Optional.empty(),
        Progress.silent());
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(Measure<?>... measures) {
    return by(List.of(measures));
  }

  /** Feature maps become matrices by this rule. */
  public Comparison withFeatureMaps(FeatureMaps rule) {
    return new Comparison(measures, rule, matchedOnly, pairs, intervals, progress);
  }

  /** Only pairs of layers of the same name. */
  public Comparison matched() {
    return new Comparison(measures, featureMaps, true, Optional.empty(), intervals, progress);
  }

  /** Only these pairs of layers. */
  public Comparison withPairs(LayerPairs layers) {
    return new Comparison(measures, featureMaps, false, Optional.of(layers), intervals, progress);
  }

  /** Each score with its interval. */
  public Comparison withIntervals(ScoreIntervals maker) {
    return new Comparison(measures, featureMaps, matchedOnly, pairs, Optional.of(maker), progress);
  }

  /** Tells a listener how far the work is. */
  public Comparison withProgress(Progress listener) {
    return new Comparison(measures, featureMaps, matchedOnly, pairs, intervals, listener);
  }

  /**
   * A network whose layers will be prepared as comparisons ask for them, each once.
   *
   * @throws PalimpsestException if a layer's shape does not fit the rule for feature maps
   */
  public PreparedLayers prepare(ActivationSet activations) {
    return PreparedLayers.all(LayerMatrices.of(activations, featureMaps));
  }

  /**
   * The same without layers whose shapes do not fit the rule for feature maps, such as tokens
   * {@code (n, t, p)} where positions are the samples.
   *
   * @param leftOut is told of each such layer, and what can be done
   * @throws PalimpsestException if none fits
   */
  public PreparedLayers prepareFitting(ActivationSet activations, Consumer<String> leftOut) {
    return prepareFitting(LayerMatrices.of(activations, featureMaps), leftOut);
  }

  /** As the other, of matrices that were made by {@linkplain #withFeatureMaps this rule}. */
  public PreparedLayers prepareFitting(LayerMatrices matrices, Consumer<String> leftOut) {
    return PreparedLayers.fitting(matrices, leftOut);
  }

  /**
   * What must be known of one network's layers to compare them with those of another.
   *
   * @param layers which of its layers were asked for
   * @param own the shapes of its layers
   * @param others the shapes of the other network's layers
   * @throws PalimpsestException if one network's layers are images and the other's volumes
   */
  public MatrixRequest request(
      LayerSelector layers, Map<String, long[]> own, Map<String, long[]> others) {
    Map<String, Grid> partners = ReducedLayers.grids(featureMaps, others);
    Map<String, Set<Grid>> wanted = new LinkedHashMap<>();
    ReducedLayers.grids(featureMaps, own)
        .forEach(
            (layer, grid) -> {
              Set<Grid> common = new LinkedHashSet<>();
              partners.forEach(
                  (partner, other) -> {
                    if (areCompared(layer, partner)) {
                      common.add(grid.commonWith(other));
                    }
                  });
              wanted.put(layer, common);
            });
    return new MatrixRequest(layers, featureMaps, wanted);
  }

  private boolean areCompared(String layer, String partner) {
    return pairs.isPresent()
        ? pairs.get().join(layer, partner)
        : !matchedOnly || partner.equals(layer);
  }

  /** Compares two networks. */
  public ComparisonResult compare(ActivationSet a, ActivationSet b) {
    return compare(prepare(a), prepare(b));
  }

  /**
   * Compares two networks of which some layers may have been prepared already. Where a measure
   * cannot tell anything of a pair, such as of a layer that is constant, the {@linkplain
   * ComparisonResult#missing() reason} takes the place of its score.
   *
   * @throws PalimpsestException if they saw different probes, share no layer where only matched
   *     ones are wanted, have not the layers of the pairs that are wanted, or no measure can tell
   *     anything of any pair
   */
  public ComparisonResult compare(PreparedLayers a, PreparedLayers b) {
    requireSameProbes(a.matrices(), b.matrices());
    return new Run(a, b).run();
  }

  private static void requireSameProbes(LayerMatrices a, LayerMatrices b) {
    if (a.probes().conflictsWith(b.probes())) {
      throw new PalimpsestException(
          "%s and %s saw different probes (fingerprints %s and %s). Capture both with the same probes."
              .formatted(a.name(), b.name(), a.probes(), b.probes()));
    }
    long ofA = a.samples();
    long ofB = b.samples();
    if (ofA != ofB) {
      throw new PalimpsestException(
          "%s holds %d samples and %s holds %d. Compare what comes from the same probes in the same order."
              .formatted(a.name(), ofA, b.name(), ofB));
    }
  }

  /** Layers that meet on one grid. */
  private record Meeting(List<String> rows, List<String> columns, Grid grid) {

    int pairs() {
      return rows.size() * columns.size();
    }

    /** Of which at least one is free of any single layer. */
    Stream<Meeting> halves() {
      return rows.size() >= columns.size()
          ? halves(rows).map(half -> new Meeting(half, columns, grid))
          : halves(columns).map(half -> new Meeting(rows, half, grid));
    }

    private static Stream<List<String>> halves(List<String> layers) {
      int middle = layers.size() / 2;
      return Stream.of(layers.subList(0, middle), layers.subList(middle, layers.size()));
    }
  }

  /** What the engine is asked for: one measure of layers that meet. */
  private record Asked(int measure, Meeting meeting) {

    Stream<Asked> halves() {
      return meeting.halves().map(half -> new Asked(measure, half));
    }
  }

  /** One comparison under way. */
  private final class Run implements Engine.Results<Asked> {

    private final PreparedLayers a;
    private final PreparedLayers b;
    private final Map<String, Integer> placesOfA;
    private final Map<String, Integer> placesOfB;
    private final List<List<List<Optional<Score>>>> scores = new ArrayList<>();
    private final List<List<List<String>>> reasons = new ArrayList<>();
    private final List<List<String>> views;
    private final List<Asked> failed = new ArrayList<>();
    private final List<PalimpsestException> failures = new ArrayList<>();
    private Progress.@Nullable Task task;

    Run(PreparedLayers a, PreparedLayers b) {
      this.a = a;
      this.b = b;
      this.placesOfA = places(a.layers());
      this.placesOfB = places(b.layers());
      this.views = table("");
      measures.forEach(measure -> scores.add(table(Optional.empty())));
      measures.forEach(measure -> reasons.add(table("")));
    }

    private static Map<String, Integer> places(List<String> layers) {
      Map<String, Integer> places = new HashMap<>();
      layers.forEach(layer -> places.putIfAbsent(layer, places.size()));
      return places;
    }

    private <T> List<List<T>> table(T empty) {
      return Stream.generate(() -> new ArrayList<>(Collections.nCopies(b.layers().size(), empty)))
          .limit(a.layers().size())
          .<List<T>>map(row -> row)
          .toList();
    }

    ComparisonResult run() {
      List<Meeting> meetings = meetings();
      Map<String, Set<Grid>> gridsOfA = grids(meetings, Meeting::rows);
      Map<String, Set<Grid>> gridsOfB = grids(meetings, Meeting::columns);
      long pairs = meetings.stream().mapToLong(Meeting::pairs).sum();
      long work = gridsOfA.size() + gridsOfB.size() + pairs * measures.size();
      try (Progress.Task begun = progress.begin("compare", work)) {
        task = begun;
        prepare(a, gridsOfA, begun);
        prepare(b, gridsOfB, begun);
        meetings.forEach(this::recordView);
        compare(asked(meetings));
      }
      requireAnyScore();
      return new ComparisonResult(
          a.matrices().provenance(), b.matrices().provenance(), matrices(), views);
    }

    /** What fails is asked for again in halves, until it is known which pairs it is that fail. */
    private void compare(List<Asked> asked) {
      Engine engine = new Engine(Runtime.getRuntime().availableProcessors(), intervals);
      List<Asked> open = asked;
      while (!open.isEmpty()) {
        failed.clear();
        engine.compare(open, this::block, this);
        open = failed.stream().flatMap(Asked::halves).toList();
      }
    }

    private void requireAnyScore() {
      boolean isThereAny =
          scores.stream().flatMap(List::stream).flatMap(List::stream).anyMatch(Optional::isPresent);
      if (!isThereAny && !failures.isEmpty()) {
        throw failures.get(0);
      }
    }

    private List<Meeting> meetings() {
      if (pairs.isPresent()) {
        pairs.get().requireIn(a, b);
        return pairs.get().pairs().stream()
            .map(pair -> meeting(pair.getKey(), pair.getValue()))
            .toList();
      }
      return matchedOnly ? matched() : all();
    }

    private Meeting meeting(String row, String column) {
      return new Meeting(List.of(row), List.of(column), a.grid(row).commonWith(b.grid(column)));
    }

    private List<Meeting> matched() {
      List<Meeting> meetings =
          a.layers().stream()
              .filter(placesOfB::containsKey)
              .map(layer -> meeting(layer, layer))
              .toList();
      if (meetings.isEmpty()) {
        throw new PalimpsestException(
            "%s and %s have no layer of the same name (%s, … and %s, …)."
                .formatted(
                    a.matrices().name(),
                    b.matrices().name(),
                    a.layers().get(0),
                    b.layers().get(0)));
      }
      return meetings;
    }

    private List<Meeting> all() {
      Map<Grid, List<String>> rows = byGrid(a);
      Map<Grid, List<String>> columns = byGrid(b);
      List<Meeting> meetings = new ArrayList<>();
      rows.forEach(
          (rowGrid, rowLayers) ->
              columns.forEach(
                  (columnGrid, columnLayers) ->
                      meetings.add(
                          new Meeting(rowLayers, columnLayers, rowGrid.commonWith(columnGrid)))));
      return meetings;
    }

    private static Map<Grid, List<String>> byGrid(PreparedLayers layers) {
      return layers.layers().stream()
          .collect(Collectors.groupingBy(layers::grid, LinkedHashMap::new, Collectors.toList()));
    }

    /** On which grids each layer of one side is wanted, in the order of the meetings. */
    private static Map<String, Set<Grid>> grids(
        List<Meeting> meetings, Function<Meeting, List<String>> side) {
      Map<String, Set<Grid>> grids = new LinkedHashMap<>();
      for (Meeting meeting : meetings) {
        for (String layer : side.apply(meeting)) {
          grids.computeIfAbsent(layer, any -> new LinkedHashSet<>()).add(meeting.grid());
        }
      }
      return grids;
    }

    private void prepare(
        PreparedLayers network, Map<String, Set<Grid>> grids, Progress.Task begun) {
      List<? extends Preparation<?>> preparations =
          measures.stream().<Preparation<?>>map(Measure::preparation).distinct().toList();
      grids.forEach(
          (layer, wanted) -> {
            network.prepare(layer, wanted, preparations);
            begun.advance(1);
          });
    }

    private void recordView(Meeting meeting) {
      String view = new View(featureMaps, meeting.grid()).describe();
      for (String row : meeting.rows()) {
        for (String column : meeting.columns()) {
          set(views, row, column, view);
        }
      }
    }

    private <T> void set(List<List<T>> table, String row, String column, T value) {
      int i = Objects.requireNonNull(placesOfA.get(row), row);
      table.get(i).set(Objects.requireNonNull(placesOfB.get(column), column), value);
    }

    private List<Asked> asked(List<Meeting> meetings) {
      return meetings.stream()
          .flatMap(
              meeting -> IntStream.range(0, measures.size()).mapToObj(m -> new Asked(m, meeting)))
          .toList();
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
          set(
              scores.get(asked.measure()),
              meeting.rows().get(i),
              meeting.columns().get(j),
              Optional.of(found.get(i).get(j)));
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
      failures.add(failure);
      set(
          reasons.get(asked.measure()),
          meeting.rows().get(0),
          meeting.columns().get(0),
          String.valueOf(failure.getMessage()));
      Objects.requireNonNull(task).advance(1);
    }

    private List<SimilarityMatrix> matrices() {
      return IntStream.range(0, measures.size())
          .mapToObj(
              m ->
                  new SimilarityMatrix(
                      measures.get(m).name(),
                      measures.get(m).properties(),
                      a.layers(),
                      b.layers(),
                      scores.get(m),
                      reasons.get(m)))
          .toList();
    }
  }
}
