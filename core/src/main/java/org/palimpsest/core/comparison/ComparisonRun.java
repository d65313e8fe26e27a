package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.View;

/** One comparison under way: prepares block by block and fills the tables. */
final class ComparisonRun {

  private final List<Measure<?>> measures;
  private final List<? extends Preparation<?>> preparations;
  private final FeatureMaps featureMaps;
  private final Optional<ScoreIntervals> intervals;
  private final PreparedLayers a;
  private final PreparedLayers b;
  private final PairPlan plan;
  private final Map<String, Integer> placesOfA;
  private final Map<String, Integer> placesOfB;
  private final List<List<List<Optional<Score>>>> scores = new ArrayList<>();
  private final List<List<String>> views;

  ComparisonRun(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      Optional<ScoreIntervals> intervals,
      PreparedLayers a,
      PreparedLayers b,
      PairPlan plan) {
    this.measures = measures;
    this.preparations = measures.stream().map(ComparisonRun::preparationOf).distinct().toList();
    this.featureMaps = featureMaps;
    this.intervals = intervals;
    this.a = a;
    this.b = b;
    this.plan = plan;
    this.placesOfA = places(a.layers());
    this.placesOfB = places(b.layers());
    this.views = table("");
    measures.forEach(measure -> scores.add(table(Optional.empty())));
  }

  private static Map<String, Integer> places(List<String> layers) {
    Map<String, Integer> places = new HashMap<>();
    layers.forEach(layer -> places.putIfAbsent(layer, places.size()));
    return places;
  }

  private static int place(Map<String, Integer> places, String layer) {
    return Objects.requireNonNull(places.get(layer), layer);
  }

  private static Preparation<?> preparationOf(Measure<?> measure) {
    return measure.preparation();
  }

  private <T> List<List<T>> table(T empty) {
    return Stream.generate(() -> new ArrayList<>(Collections.nCopies(b.layers().size(), empty)))
        .limit(a.layers().size())
        .<List<T>>map(row -> row)
        .toList();
  }

  ComparisonResult run(Progress progress) {
    Map<String, Set<Grid>> gridsOfA = plan.grids(PairPlan.Block::rows);
    Map<String, Set<Grid>> gridsOfB = plan.grids(PairPlan.Block::columns);
    try (Progress.Task task =
        progress.begin(
            "compare", gridsOfA.size() + gridsOfB.size() + plan.pairs() * measures.size())) {
      prepare(a, gridsOfA, task);
      prepare(b, gridsOfB, task);
      for (PairPlan.Block block : plan.blocks()) {
        recordView(block);
        for (int m = 0; m < measures.size(); m++) {
          fill(measures.get(m), block, scores.get(m));
          task.advance((long) block.rows().size() * block.columns().size());
        }
      }
    }
    return new ComparisonResult(
        a.matrices().provenance(), b.matrices().provenance(), matrices(), views);
  }

  private void prepare(PreparedLayers network, Map<String, Set<Grid>> grids, Progress.Task task) {
    grids.forEach(
        (layer, wanted) -> {
          network.prepare(layer, wanted, preparations);
          task.advance(1);
        });
  }

  private <P extends Prepared> void fill(
      Measure<P> measure, PairPlan.Block block, List<List<Optional<Score>>> into) {
    List<P> rows = prepared(a, block.rows(), block, measure.preparation());
    List<P> columns = prepared(b, block.columns(), block, measure.preparation());
    List<List<Score>> bare = measure.compareAll(rows, columns);
    List<List<Score>> values =
        intervals.map(maker -> maker.attach(measure, rows, columns, bare)).orElse(bare);
    for (int i = 0; i < rows.size(); i++) {
      List<Optional<Score>> row = into.get(place(placesOfA, block.rows().get(i)));
      for (int j = 0; j < columns.size(); j++) {
        Score score = measure.cautioned(rows.get(i), columns.get(j), values.get(i).get(j));
        row.set(place(placesOfB, block.columns().get(j)), Optional.of(score));
      }
    }
  }

  private static <P extends Prepared> List<P> prepared(
      PreparedLayers from, List<String> layers, PairPlan.Block block, Preparation<P> preparation) {
    return layers.stream().map(layer -> from.get(layer, block.grid(), preparation)).toList();
  }

  private void recordView(PairPlan.Block block) {
    String view = new View(featureMaps, block.grid()).describe();
    for (String row : block.rows()) {
      for (String column : block.columns()) {
        views.get(place(placesOfA, row)).set(place(placesOfB, column), view);
      }
    }
  }

  private List<SimilarityMatrix> matrices() {
    List<SimilarityMatrix> matrices = new ArrayList<>();
    for (int m = 0; m < measures.size(); m++) {
      matrices.add(
          new SimilarityMatrix(
              measures.get(m).name(),
              measures.get(m).properties(),
              a.layers(),
              b.layers(),
              scores.get(m)));
    }
    return matrices;
  }
}
