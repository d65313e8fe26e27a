package org.palimpsest.reproduction.commands;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study;

/** Rows of a tracker's table with measurements as a test wants them. */
final class MadeUp {

  /** Two networks. */
  record Pair(String first, String second) {}

  private MadeUp() {}

  static List<EvolutionTable.Row> rows(
      List<String> layers, List<Pair> pairs, BiFunction<String, Pair, Double> value) {
    List<EvolutionTable.Row> rows = new ArrayList<>();
    for (Pair pair : pairs) {
      for (String layer : layers) {
        rows.add(
            row(Study.View.FINALS, pair, layer, layer, "linear_cka", value.apply(layer, pair)));
      }
    }
    return rows;
  }

  static EvolutionTable.Row row(
      Study.View view, Pair pair, String layerA, String layerB, String measure, double value) {
    return new EvolutionTable.Row(
        view,
        pair.first(),
        OptionalLong.of(9),
        layerA,
        pair.second(),
        OptionalLong.of(9),
        layerB,
        measure,
        Measurement.of(value, 100));
  }
}
