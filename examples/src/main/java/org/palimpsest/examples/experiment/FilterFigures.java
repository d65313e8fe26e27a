package org.palimpsest.examples.experiment;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.ChanceLevel;
import org.palimpsest.similarity.filters.FilterComparison;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.FilterProximity;
import org.palimpsest.similarity.weights.LayerChange;
import org.palimpsest.similarity.weights.WeightChange;

/**
 * How a layer's filters changed: the cosine of each to what it was, the change in units of the
 * norm, and the mean cosine under the best matching of filters, beside what chance gives.
 */
public final class FilterFigures implements WeightComparison {

  public static final String COSINE = "filter_cosine";
  public static final String CHANGE = "relative_change";
  public static final String MATCHED = "matched_cosine";
  public static final String CHANCE = "matched_cosine_by_chance";

  @Override
  public String name() {
    return "filters";
  }

  @Override
  public List<String> measures() {
    return List.of(COSINE, CHANGE, MATCHED, CHANCE);
  }

  /**
   * @param a the later checkpoint, as in the view {@code to_start}
   * @param b the earlier one
   */
  @Override
  public List<LayerFigure> compare(Weights a, Weights b) {
    List<LayerFigure> figures = new ArrayList<>();
    for (LayerChange layer : WeightChange.withDefaults().between(b, a).layers()) {
      int filters = layer.filters().size();
      layer
          .meanCosine()
          .ifPresent(v -> figures.add(figure(layer.layer(), COSINE, Figure.of(v, filters))));
      layer
          .relativeChange()
          .ifPresent(v -> figures.add(figure(layer.layer(), CHANGE, Figure.of(v, filters))));
    }
    for (FilterComparison layer :
        FilterDistance.by(FilterProximity.COSINE).compare(b, a).layers()) {
      String name = layer.a().layer();
      int pairs = layer.matching().size();
      figures.add(figure(name, MATCHED, Figure.of(layer.meanMatched(), pairs)));
      layer
          .chance()
          .ifPresent(chance -> figures.add(figure(name, CHANCE, level(chance.matching(), pairs))));
    }
    return figures;
  }

  private static Figure level(ChanceLevel chance, int pairs) {
    return Figure.of(chance.mean(), chance.low(), chance.high(), pairs);
  }

  private static LayerFigure figure(String layer, String measure, Figure figure) {
    return new LayerFigure(layer, measure, figure);
  }
}
