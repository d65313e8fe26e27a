package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One layer's way through a run.
 *
 * @param layout the layer and its shape
 * @param steps the Frobenius distances from each checkpoint to the next
 * @param distance the Frobenius distance from the first to the last
 * @param initialNorm the Frobenius norm of the first
 * @param filters the same per filter
 */
public record LayerPath(
    FilterLayout layout,
    List<Double> steps,
    double distance,
    double initialNorm,
    List<FilterPath> filters) {

  public LayerPath {
    steps = List.copyOf(steps);
    filters = List.copyOf(filters);
  }

  public String layer() {
    return layout.layer();
  }

  /** The sum of the steps. */
  public double pathLength() {
    return steps.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Distance over path length, 0 to 1, 1 for a straight line; empty if nothing moved. */
  public OptionalDouble straightness() {
    return Straightness.of(distance, pathLength());
  }

  /** The layer's figures, then those of its filters, one row each. */
  public List<WeightFigure> figures() {
    List<WeightFigure> figures = new ArrayList<>();
    FigureSink ofLayer =
        (name, value) -> figures.add(WeightFigure.ofLayer(layer(), name, value, layout.weights()));
    ofLayer.add("path_length", pathLength());
    ofLayer.add("distance", distance);
    ofLayer.addIfPresent("straightness", straightness());
    for (FilterPath path : filters) {
      FigureSink ofFilter =
          (name, value) ->
              figures.add(
                  WeightFigure.ofFilter(
                      layer(), path.filter(), name, value, layout.weightsPerFilter()));
      ofFilter.add("path_length", path.pathLength());
      ofFilter.add("distance", path.distance());
      ofFilter.addIfPresent("straightness", path.straightness());
    }
    return figures;
  }
}
