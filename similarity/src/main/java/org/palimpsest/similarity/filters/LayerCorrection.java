package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.similarity.statistics.Holm;

/** Corrects the p-values of each statistic for the number of layers that it was made on. */
final class LayerCorrection {

  private LayerCorrection() {}

  static List<LayerRandomness> apply(List<LayerRandomness> layers) {
    Map<RandomnessFigure, Double> corrected = new HashMap<>();
    byStatistic(layers).values().forEach(figures -> correct(figures, corrected));
    return layers.stream().map(layer -> withCorrected(layer, corrected)).toList();
  }

  private static Map<String, List<RandomnessFigure>> byStatistic(List<LayerRandomness> layers) {
    Map<String, List<RandomnessFigure>> figures = new HashMap<>();
    for (LayerRandomness layer : layers) {
      for (RandomnessFigure figure : layer.figures()) {
        figures.computeIfAbsent(family(figure), name -> new ArrayList<>()).add(figure);
      }
    }
    return figures;
  }

  /** Layers of different starts are tested against different forms by one test. */
  private static String family(RandomnessFigure figure) {
    boolean ofForm =
        figure.question() == RandomnessQuestion.VALUES && figure.statistic().startsWith("ks_");
    return ofForm ? "ks" : figure.statistic();
  }

  /** Equal p-values have equal corrections, so that equal figures of two layers may share one. */
  private static void correct(
      List<RandomnessFigure> figures, Map<RandomnessFigure, Double> corrected) {
    double[] p = Holm.correct(figures.stream().mapToDouble(RandomnessFigure::p).toArray());
    for (int i = 0; i < p.length; i++) {
      corrected.merge(figures.get(i), p[i], Math::max);
    }
  }

  private static LayerRandomness withCorrected(
      LayerRandomness layer, Map<RandomnessFigure, Double> corrected) {
    List<RandomnessFigure> figures =
        layer.figures().stream()
            .map(figure -> figure.withCorrectedP(corrected.getOrDefault(figure, figure.p())))
            .toList();
    return new LayerRandomness(layer.layout(), figures, layer.notes());
  }
}
