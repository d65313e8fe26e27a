package org.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;

/**
 * Says of each score of a comparison what unrelated layers would score.
 *
 * @param a the rows' network
 * @param b the columns' network
 * @param measures by the names that the scores carry
 */
record BaselineColumns(LayerMatrices a, LayerMatrices b, Map<String, Measure<?>> measures) {

  private record LayerPair(Representation ofA, Representation ofB) {}

  static BaselineColumns of(LayerMatrices a, LayerMatrices b, List<AskedMeasure> asked) {
    return new BaselineColumns(
        a, b, asked.stream().collect(Collectors.toMap(AskedMeasure::words, AskedMeasure::measure)));
  }

  /** One value per score in each column. */
  List<TableFormat.Column> columns(
      List<PairScore> scores, PermutationBaseline asked, Progress progress) {
    List<PermutationBaseline.Baseline> lines = new ArrayList<>();
    try (Progress.Task task = progress.begin("baseline", scores.size())) {
      LayerPair pair = null;
      for (int i = 0; i < scores.size(); i++) {
        PairScore score = scores.get(i);
        if (pair == null || !samePair(score, scores.get(i - 1))) {
          pair = represent(score);
        }
        Measure<?> measure = Objects.requireNonNull(measures.get(score.measure()));
        lines.add(asked.baseline(measure, pair.ofA(), pair.ofB()));
        task.advance(1);
      }
    }
    return List.of(
        column("null mean", lines, PermutationBaseline.Baseline::nullMean),
        column("null sd", lines, PermutationBaseline.Baseline::nullDeviation),
        column("p value", lines, PermutationBaseline.Baseline::pValue),
        column("calibrated", lines, PermutationBaseline.Baseline::calibrated));
  }

  private static boolean samePair(PairScore one, PairScore other) {
    return one.layerA().equals(other.layerA()) && one.layerB().equals(other.layerB());
  }

  private LayerPair represent(PairScore score) {
    Grid grid = a.grid(score.layerA()).commonWith(b.grid(score.layerB()));
    return new LayerPair(a.get(score.layerA(), grid), b.get(score.layerB(), grid));
  }

  private static TableFormat.Column column(
      String name,
      List<PermutationBaseline.Baseline> lines,
      Function<PermutationBaseline.Baseline, Double> figure) {
    return new TableFormat.Column(name, lines.stream().map(figure).toList());
  }
}
