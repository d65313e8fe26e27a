package org.palimpsest.similarity.evolution;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.FilterRandomness;
import org.palimpsest.similarity.filters.LayerRandomness;
import org.palimpsest.similarity.filters.RandomnessFigure;
import org.palimpsest.similarity.filters.RandomnessQuestion;

/** See {@link WeightComparisons#randomness()}. */
final class RandomnessFigures implements WeightComparison {

  static final String DRAWN_FROM = "filter_drawn_from p_value";
  static final String GAUSSIAN = "filter_gaussian p_value";
  static final String STRUCTURE = "filter_structure p_value";

  private static final List<String> STATISTICS =
      List.of(
          "spatial_autocorrelation",
          "low_frequency_energy",
          "largest_singular_value",
          "singular_values_beyond_edge",
          "effective_rank");
  private static final Map<RandomnessQuestion, String> P_VALUES = pValues();

  private final FilterRandomness tests = FilterRandomness.withDefaults();

  private static Map<RandomnessQuestion, String> pValues() {
    Map<RandomnessQuestion, String> names = new LinkedHashMap<>();
    names.put(RandomnessQuestion.DRAWN_FROM, DRAWN_FROM);
    names.put(RandomnessQuestion.GAUSSIAN_VALUES, GAUSSIAN);
    names.put(RandomnessQuestion.STRUCTURE, STRUCTURE);
    return names;
  }

  @Override
  public String name() {
    return "randomness";
  }

  @Override
  public Set<StudyView> views() {
    return EnumSet.of(StudyView.TO_START);
  }

  @Override
  public List<String> measures() {
    List<String> measures = new ArrayList<>(STATISTICS.stream().map(s -> "filter_" + s).toList());
    measures.addAll(P_VALUES.values());
    return measures;
  }

  @Override
  public List<LayerFigure> compare(Weights a, Weights b) {
    List<LayerFigure> figures = new ArrayList<>();
    for (LayerRandomness layer : tests.drawnFrom(b).test(a).layers()) {
      for (RandomnessFigure found : layer.figures()) {
        if (STATISTICS.contains(found.statistic())) {
          Figure figure = Figure.of(found.value(), found.low(), found.high(), found.n());
          figures.add(new LayerFigure(layer.layer(), "filter_" + found.statistic(), figure));
        }
      }
      P_VALUES.forEach(
          (question, name) ->
              layer
                  .p(question)
                  .ifPresent(
                      p ->
                          figures.add(
                              new LayerFigure(
                                  layer.layer(), name, Figure.of(p, layer.layout().weights())))));
    }
    return figures;
  }
}
