package org.palimpsest.examples.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.io.table.FigureColumn;

/**
 * Says of each score of a comparison how sure it is.
 *
 * @param a the rows' network
 * @param b the columns' network
 * @param measures by the names that the scores carry
 */
record CertaintyRun(LayerMatrices a, LayerMatrices b, Map<String, Measure<?>> measures) {

  private record Pair(Representation ofA, Representation ofB) {}

  static CertaintyRun of(LayerMatrices a, LayerMatrices b, List<AskedMeasure> asked) {
    return new CertaintyRun(
        a, b, asked.stream().collect(Collectors.toMap(AskedMeasure::words, AskedMeasure::measure)));
  }

  /** One value per score in each column. */
  List<FigureColumn> figures(
      List<PairScore> scores, List<ScoreCertainty> asked, Progress progress) {
    List<List<Double>> lines = new ArrayList<>();
    try (Progress.Task task = progress.begin("certainty", scores.size())) {
      Pair pair = null;
      for (int i = 0; i < scores.size(); i++) {
        PairScore score = scores.get(i);
        if (pair == null || !samePair(score, scores.get(i - 1))) {
          pair = represent(score);
        }
        lines.add(figures(score, pair, asked));
        task.advance(1);
      }
    }
    return columns(asked, lines);
  }

  private static boolean samePair(PairScore one, PairScore other) {
    return one.layerA().equals(other.layerA()) && one.layerB().equals(other.layerB());
  }

  private Pair represent(PairScore score) {
    Grid grid = a.grid(score.layerA()).commonWith(b.grid(score.layerB()));
    return new Pair(a.get(score.layerA(), grid), b.get(score.layerB(), grid));
  }

  private List<Double> figures(PairScore score, Pair pair, List<ScoreCertainty> asked) {
    Measure<?> measure = Objects.requireNonNull(measures.get(score.measure()));
    return asked.stream()
        .flatMap(one -> one.figures(measure, pair.ofA(), pair.ofB()).stream())
        .toList();
  }

  private static List<FigureColumn> columns(List<ScoreCertainty> asked, List<List<Double>> lines) {
    List<String> names = asked.stream().flatMap(one -> one.names().stream()).toList();
    List<FigureColumn> columns = new ArrayList<>();
    for (int c = 0; c < names.size(); c++) {
      int column = c;
      columns.add(
          new FigureColumn(names.get(c), lines.stream().map(line -> line.get(column)).toList()));
    }
    return columns;
  }
}
